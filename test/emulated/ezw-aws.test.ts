import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { AwsMode } from './aws-mode.ts';
import { startDemo } from './demo.ts';
import { awsClients } from './fixtures/clients.ts';

/** The operator's command without `--local`: all that it asks AWS for goes by the protocols of AWS. */
let stack: LocalStack;
let aws: AwsMode;
beforeAll(async () => {
  stack = await startDemo();
  aws = await AwsMode.start(stack, stack.url);
}, 60_000);
afterAll(async () => {
  await aws.stop();
  await stack.stop();
});

const stored = async (template: string): Promise<unknown> => {
  const Name = `/ezw/demo/sources/${template}`;
  const { Parameter } = await awsClients(stack).parameters.send(
    new GetParameterCommand({ Name, WithDecryption: true }),
  );
  return JSON.parse(Parameter?.Value ?? '');
};

describe('of a deployed stack', () => {
  it('a secret of a source is stored for every template that has it, and for whom it is not', async () => {
    const { code, stdout } = await aws.run(['secrets', 'set', 'demo', 'sources.form'], { input: 'of-the-form\n' });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^sources\.form of demo is stored \(version \d+\)/)]);
    expect(await stored('lead-first-touch')).toMatchObject({ form: 'of-the-form' });
    expect(await stored('order-ready')).not.toHaveProperty('form');
  });

  it.each([
    [['secrets', 'rotate', 'demo', 'webhook-token'], /"accepted": 2/],
    [['sends', 'list', 'demo'], /\[/],
    [['dlq', 'list', 'demo'], /\[/],
    [['line', 'show', 'demo'], /sendable/],
  ])('%j is answered by its tables, queues, parameters and secrets', async (args, said) => {
    const { code, stdout, stderr } = await aws.run([...args, '--json']);
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(said), expect.not.stringContaining('Error')]);
  });
});

describe('a service of AWS that cannot be reached', () => {
  it.each([
    ['CLOUDFORMATION', ['doctor', 'demo']],
    ['DYNAMODB', ['sends', 'list', 'demo']],
    ['SQS', ['dlq', 'list', 'demo']],
    ['SECRETS_MANAGER', ['secrets', 'set', 'demo', 'line-token']],
    ['SSM', ['secrets', 'rotate', 'demo', 'webhook-token', '--finish']],
  ])('is named with its host, the region and the profile: %s', async (service, args) => {
    const env = { [`AWS_ENDPOINT_URL_${service}`]: 'http://127.0.0.1:1', AWS_PROFILE: '' };
    const { code, stderr } = await aws.run(args, { env, input: 'ezw_line_0123456789abcdef\n' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ezw: 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\): is this machine online, and is the region right \(AWS_REGION: [\w-]+, profile: \w*\)\?\n$/,
    );
  });
});
