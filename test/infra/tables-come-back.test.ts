import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEMO_ASSEMBLY, templateOf } from './assembly.ts';

/**
 * A client that was removed has its tables back by `cdk import`, as docs/deploy.md says. CloudFormation is a server here that takes what the
 * CDK asks it for: what AWS makes of it only an account can tell.
 */

const ACCOUNT = '123456789012';
const REGION = 'il-central-1';
const STACK = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Ezw-demo/1`;
const CHANGES = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:changeSet/cdk-deploy-change-set/1`;

/** By which CloudFormation finds a resource that it did not make ("primaryIdentifier" of its schema). */
const IDENTIFIERS: Readonly<Record<string, readonly string[]>> = { 'AWS::DynamoDB::Table': ['TableName'] };

const template = templateOf(DEMO_ASSEMBLY, 'demo');

/** The file that the page shows, for its client. */
const [, shown = '{}'] = /```json\n( *\{[^`]*)```/.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
const mapping = JSON.parse(shown) as Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Requests for changes, in their order. */
const asked: URLSearchParams[] = [];
let state: string | undefined;

const CREDENTIALS =
  '<Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>';

const answerTo = (input: URLSearchParams): string => {
  const created = '<CreationTime>2026-11-22T10:00:00Z</CreationTime>';
  switch (input.get('Action')) {
    case 'GetCallerIdentity':
      return `<Account>${ACCOUNT}</Account><Arn>arn:aws:iam::${ACCOUNT}:user/dana</Arn><UserId>A</UserId>`;
    case 'AssumeRole':
      return `${CREDENTIALS}<AssumedRoleUser><Arn>${input.get('RoleArn')}</Arn><AssumedRoleId>A:cdk</AssumedRoleId></AssumedRoleUser>`;
    case 'DescribeStacks':
      return `<Stacks><member><StackName>Ezw-demo</StackName><StackId>${STACK}</StackId><StackStatus>${state}</StackStatus>${created}</member></Stacks>`;
    case 'CreateChangeSet':
      asked.push(input);
      state = 'REVIEW_IN_PROGRESS';
      return `<Id>${CHANGES}</Id><StackId>${STACK}</StackId>`;
    case 'DescribeChangeSet':
      return `<ChangeSetId>${CHANGES}</ChangeSetId><StackId>${STACK}</StackId><StackName>Ezw-demo</StackName><Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus>${created}<Changes><member><Type>Resource</Type></member></Changes>`;
    case 'ExecuteChangeSet':
      state = 'IMPORT_COMPLETE';
      return '';
    default:
      return '<StackEvents></StackEvents>';
  }
};

const aws: Server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (String(request.headers['x-amz-target']).endsWith('GetParameter')) {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    return response.end(JSON.stringify({ Parameter: { Name: 'version', Value: '33', Type: 'String' } }));
  }
  const input = new URLSearchParams(body);
  const action = input.get('Action');
  response.setHeader('content-type', 'text/xml');
  if (action === 'DescribeStacks' && state === undefined) {
    response.statusCode = 400;
    const message = 'Stack with id Ezw-demo does not exist';
    return response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
  }
  return response.end(`<${action}Response><${action}Result>${answerTo(input)}</${action}Result></${action}Response>`);
});

let folder: string;
let told: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ezw-import-'));
  writeFileSync(join(folder, 'tables.json'), JSON.stringify(mapping));
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
  const args = ['cdk', 'import', 'Ezw-demo', '--app', DEMO_ASSEMBLY, '--resource-mapping', join(folder, 'tables.json')];
  const { stdout, stderr } = await promisify(execFile)('npx', args, {
    env: {
      ...process.env,
      HOME: folder,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
    },
  });
  told = stdout + stderr;
});
afterAll(() => {
  aws.close();
  rmSync(folder, { recursive: true, force: true });
});

const kept = Object.entries(template.Resources).filter(
  ([, { Type, DeletionPolicy }]) => Type in IDENTIFIERS && DeletionPolicy === 'RetainExceptOnCreate',
);

it('the page names every table that is kept, by its logical id, and nothing else', () => {
  expect(Object.keys(mapping).sort()).toEqual(kept.map(([id]) => id).sort());
  expect(kept).toHaveLength(4);
});

it('each is found by what identifies its type, under the name that CloudFormation gave it', () => {
  for (const [id, identifier] of Object.entries(mapping)) {
    expect(Object.keys(identifier)).toEqual(IDENTIFIERS[template.Resources[id]?.Type ?? '']);
    expect(Object.values(identifier)).toEqual([expect.stringMatching(new RegExp(`^Ezw-bakery-${id}-[A-Z0-9]+$`))]);
  }
});

it('the CDK imports them into a stack that is not there, and makes nothing else yet', () => {
  const [input, ...more] = asked;
  expect([input?.get('ChangeSetType'), more.length]).toEqual(['IMPORT', 0]);
  const imported = [...(input ?? [])].flatMap(([key, value]) => {
    const at = /^(ResourcesToImport\.member\.\d+)\.LogicalResourceId$/.exec(key)?.[1];
    return at === undefined ? [] : [[value, input?.get(`${at}.ResourceIdentifier.entry.1.value`)]];
  });
  const named = Object.entries(mapping).map(([id, { TableName }]) => [id, TableName]);
  expect(imported.sort()).toEqual(named.sort());
  const body = input?.get('TemplateBody') ?? '';
  expect([...body.matchAll(/^ {2}(\w+):$/gm)].map(([, id]) => id).sort()).toEqual(Object.keys(mapping).sort());
  expect([...body.matchAll(/^(\w+):/gm)].map(([, section]) => section)).toEqual(['Resources']);
  expect(body.match(/^ {4}DeletionPolicy: RetainExceptOnCreate$/gm)).toHaveLength(4);
});

it('and says that the rest of the stack comes by a deployment', () => {
  expect(told).toContain('Some resources were skipped. Run another cdk import or a cdk deploy');
  expect(told).not.toContain('Unrecognized resource identifiers');
});
