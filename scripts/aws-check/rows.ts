import { DeleteStackCommand, type StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { DeleteTableCommand, DescribeLimitsCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { stackNameOf } from '../../lib/client.ts';
import { firstFailure, resourcesOf, stackOf, tablesOf } from './aws.ts';
import { CHECKED, SECOND } from './clients.ts';
import { newSecret, sendOrder, sendOrderUntilTaken } from './doors.ts';
import { idle } from './idle.ts';
import { until } from './remove.ts';
import { type Check, passIf, type Row, skipped } from './row.ts';

const STACK = stackNameOf({ name: CHECKED });
const SECOND_STACK = stackNameOf({ name: SECOND });
const TABLES = 4;

const isTable = ({ ResourceType }: StackResourceSummary): boolean => ResourceType === 'AWS::DynamoDB::Table';

const statusOf = async ({ aws }: Check, stack: string): Promise<string> =>
  (await stackOf(aws, stack))?.StackStatus ?? 'no stack';

/** How many resources have which state, by CloudFormation's word. */
const counted = (resources: readonly StackResourceSummary[]): string => {
  const counts = new Map<string, number>();
  for (const { ResourceStatus = '?' } of resources) counts.set(ResourceStatus, (counts.get(ResourceStatus) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ') || 'no resources';
};

const deploy = ({ ezw }: Check, client: string, ...options: readonly string[]) =>
  ezw(['deploy', client, ...options, '--', '--require-approval', 'never']);

/** A deployment that must come through. */
const deployed = async (check: Check, client: string, ...options: readonly string[]) => {
  check.write(client);
  const { code } = await deploy(check, client, ...options);
  const stack = stackNameOf({ name: client });
  const status = await statusOf(check, stack);
  const resources = status === 'no stack' ? [] : await resourcesOf(check.aws, stack);
  const isWell = code === 0 && /^(?:CREATE|UPDATE)_COMPLETE$/.test(status);
  return { isWell, answered: `the command ended with ${code}; ${status}: ${counted(resources)}` };
};

/** A deployment whose sender Lambda refuses. */
const refused = async (check: Check, client: string) => {
  const since = new Date(check.now().getTime() - 60_000);
  check.write(client, { isRefused: true });
  const { code } = await deploy(check, client);
  const stack = await stackOf(check.aws, stackNameOf({ name: client }));
  const { StackId, StackStatus: status = 'no stack' } = stack ?? {};
  const failure = StackId === undefined ? undefined : await firstFailure(check.aws, StackId, since);
  // For any other reason nothing is proved.
  const isAsMeant = code !== 0 && failure?.type === 'AWS::Lambda::Function';
  const said = `the command ended with ${code}; first to fail: ${failure?.type ?? 'nothing'} (${failure?.reason ?? 'no reason'})`;
  return { isAsMeant, said, status, resources: StackId === undefined ? [] : await resourcesOf(check.aws, StackId) };
};

/** The table `sends`, whose logical id no release changes (test/infra/lifecycle.test.ts). */
const sendsTable = async ({ aws }: Check): Promise<string> => {
  const resources = await resourcesOf(aws, STACK);
  const id = (one: StackResourceSummary) => one.LogicalResourceId ?? '';
  return resources.find((one) => isTable(one) && /Ledger/.test(id(one)))?.PhysicalResourceId ?? '';
};

const rowsIn = async ({ aws }: Check, TableName: string): Promise<number> =>
  (await aws.dynamodb.send(new ScanCommand({ TableName, Select: 'COUNT' }))).Count ?? 0;

/** What AWS says to what it must refuse. */
const refusal = (asked: Promise<unknown>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    ({ name }: Error) => name,
  );

const protectionInDoctor = async ({ ezw }: Check): Promise<string> => {
  const { code, stdout } = await ezw(['doctor', CHECKED, '--json']);
  if (!stdout.startsWith('{')) return `no answer, ended with ${code}`;
  const { findings } = JSON.parse(stdout) as { findings: readonly { about: string; found: string }[] };
  return findings.find(({ about }) => about === 'protection against deletion')?.found ?? 'nothing';
};

const isSame = (some: readonly string[], others: readonly string[]): boolean => `${some}` === `${others}`;

export const ROWS: readonly Row[] = [
  {
    name: 'quotas',
    proves: 'nothing: shows what the account lets run',
    asked: 'Lambda `GetAccountSettings`, DynamoDB `DescribeLimits`',
    run: async ({ aws }) => {
      const { AccountLimit } = await aws.lambda.send(new GetAccountSettingsCommand({}));
      const limits = await aws.dynamodb.send(new DescribeLimitsCommand({}));
      const writes = limits.TableMaxWriteCapacityUnits;
      return passIf(
        true,
        `${AccountLimit?.ConcurrentExecutions} functions at once; ${writes} writes a second of a table`,
      );
    },
  },
  {
    name: 'unprepared',
    proves: 'plain `cdk deploy` of a client that `ezw deploy` has not prepared is refused before anything is made',
    asked: '`cdk deploy`; `DescribeStacks`',
    run: async (check) => {
      check.write(CHECKED);
      const { code, stderr } = await check.cdk(CHECKED, [
        'deploy',
        STACK,
        '--exclusively',
        '--require-approval',
        'never',
      ]);
      const stack = await stackOf(check.aws, STACK);
      const made = stack ? await resourcesOf(check.aws, STACK) : [];
      const reason = stderr.split('\n').find((line) => line.includes('what the functions read is made by'));
      return passIf(
        code !== 0 && made.length === 0 && reason !== undefined,
        `the CDK ended with ${code}; ${stack?.StackStatus ?? 'no stack'}, ${counted(made)}; ${reason?.trim() ?? 'not by the rule of the template'}`,
      );
    },
  },
  {
    name: 'deploy',
    proves: '`ezw deploy` prepares and deploys a client with everything on',
    asked: '`ezw deploy`; `DescribeStacks`, `ListStackResources`',
    run: async (check) => {
      const { isWell, answered } = await deployed(check, CHECKED);
      return passIf(isWell, answered);
    },
  },
  {
    name: 'protection',
    proves: 'what is deployed refuses to be deleted, and doctor says so',
    asked: '`ezw doctor`; `DeleteStack`, `DeleteTable`',
    needs: ['deploy'],
    run: async (check) => {
      const { cloudFormation, dynamodb } = check.aws;
      const found = await protectionInDoctor(check);
      // Asked only where it is on, or it would be gone.
      if (!found.startsWith('on')) return passIf(false, `doctor: ${found}`);
      const [TableName] = await tablesOf(check.aws, STACK);
      const ofStack = await refusal(cloudFormation.send(new DeleteStackCommand({ StackName: STACK })));
      const ofTable = await refusal(dynamodb.send(new DeleteTableCommand({ TableName })));
      return passIf(
        ofStack === 'ValidationError' && ofTable === 'ValidationException',
        `doctor: ${found}; stack: ${ofStack ?? 'deleted'}; table: ${ofTable ?? 'deleted'}`,
      );
    },
  },
  idle,
  {
    name: 'parameter',
    proves:
      'a function reads its encrypted parameter without `kms:Decrypt`: the door knows an order by the secret there',
    asked: '`ezw secrets set`; an order signed with it, at the door',
    needs: ['deploy'],
    run: async (check) => {
      const { code } = await check.ezw(['secrets', 'set', CHECKED, 'sources.custom'], check.secret);
      if (code !== 0) return passIf(false, `"ezw secrets set" ended with ${code}`);
      const status = await sendOrderUntilTaken(check);
      return passIf(status === 200, `${status}`);
    },
  },
  {
    name: 'signature',
    proves: 'an order that somebody else signed is refused',
    asked: 'an order signed with another secret, at the door',
    needs: ['parameter'],
    run: async (check) => {
      const status = await sendOrder(check, newSecret());
      return passIf(status === 401, `${status}`);
    },
  },
  {
    name: 'queues',
    proves: 'what the door took comes through both queues into the ledger: feeds, roles and tables fit each other',
    asked: 'DynamoDB `Scan` of the table `sends`, for five minutes',
    needs: ['parameter'],
    run: async (check) => {
      const table = await sendsTable(check);
      await until(check, async () => (await rowsIn(check, table)) > 0, 'No row', 60);
      return passIf(true, `${await rowsIn(check, table)} rows`);
    },
  },
  {
    name: 'second deployment',
    proves: 'a second deployment of the same changes nothing, and leaves the protection on',
    asked: '`ezw deploy`; `DescribeStacks`, `ListStackResources`; `ezw doctor`',
    needs: ['deploy'],
    run: async (check) => {
      const timesOf = async () => (await resourcesOf(check.aws, STACK)).map((one) => String(one.LastUpdatedTimestamp));
      const before = await timesOf();
      const { isWell, answered } = await deployed(check, CHECKED);
      const isUntouched = isSame(before, await timesOf());
      const found = await protectionInDoctor(check);
      const touched = isUntouched ? 'none touched' : 'some touched';
      return passIf(isWell && isUntouched && found.startsWith('on'), `${answered}, ${touched}; doctor: ${found}`);
    },
  },
  {
    name: 'failed update',
    proves: 'an update that fails is taken back: tables and rows as before, the door open, the protection on again',
    asked: '`ezw deploy` with more variables than Lambda takes; `DescribeStackEvents`; an order at the door',
    needs: ['parameter'],
    run: async (check) => {
      const [tables, sends] = [await tablesOf(check.aws, STACK), await sendsTable(check)];
      const rows = await rowsIn(check, sends);
      const { isAsMeant, said, status } = await refused(check, CHECKED);
      check.write(CHECKED);
      const isKept = isSame(tables, await tablesOf(check.aws, STACK)) && (await rowsIn(check, sends)) >= rows;
      const [found, door] = [await protectionInDoctor(check), await sendOrder(check, check.secret)];
      return passIf(
        isAsMeant && status === 'UPDATE_ROLLBACK_COMPLETE' && isKept && door === 200 && found.startsWith('on'),
        `${said}; ${status}; tables ${isKept ? 'as before' : 'changed'}; door ${door}; doctor: ${found}`,
      );
    },
  },
  {
    name: 'failed first deployment',
    proves: 'a first deployment that fails is taken back whole: no table is left of it',
    asked: '`ezw deploy` of a second client, the same way; `DescribeStackEvents`, `ListStackResources`, `ListTables`',
    run: async (check) => {
      const { isAsMeant, said, status, resources } = await refused(check, SECOND);
      const tables = await tablesOf(check.aws, SECOND_STACK);
      const isEmpty = resources.every(({ ResourceStatus }) => ResourceStatus === 'DELETE_COMPLETE');
      return passIf(
        isAsMeant && status === 'ROLLBACK_COMPLETE' && isEmpty && tables.length === 0,
        `${said}; ${status}: ${counted(resources)}; tables left: ${tables.length}`,
      );
    },
  },
  {
    name: 'repeated',
    proves: 'and it can be repeated under its name',
    asked: '`ezw deploy` of the second client, mended',
    needs: ['failed first deployment'],
    run: async (check) => {
      const { isWell, answered } = await deployed(check, SECOND);
      return passIf(isWell, answered);
    },
  },
  {
    name: 'delete',
    proves: 'a stack that is deleted leaves its four tables, and of what it made nothing else',
    asked: '`ezw protect --off`, `cdk destroy`; `ListStackResources`, `ListTables`',
    needs: ['deploy'],
    run: async (check) => {
      const before = await tablesOf(check.aws, STACK);
      const { StackId = STACK } = (await stackOf(check.aws, STACK)) ?? {};
      const off = await check.ezw(['protect', CHECKED, '--off', '--yes']);
      const { code } = await check.cdk(CHECKED, ['destroy', STACK, '--exclusively', '--force']);
      const resources = await resourcesOf(check.aws, StackId);
      const others = resources.filter((one) => !isTable(one) && one.ResourceStatus !== 'DELETE_COMPLETE');
      const tables = await tablesOf(check.aws, STACK);
      const isKept = tables.length === TABLES && isSame(before, tables);
      const status = await statusOf(check, STACK);
      return passIf(
        off.code === 0 && code === 0 && status === 'no stack' && others.length === 0 && isKept,
        `"protect" ended with ${off.code}, the CDK with ${code}; ${status}; ${counted(resources)}; tables kept: ${tables.length}`,
      );
    },
  },
  {
    name: 'add again',
    proves:
      'a client that was deleted is not added again beside its kept tables by mistake, and can be on purpose: no name is in the way',
    asked: '`ezw deploy`; an order at the door',
    needs: ['delete', 'parameter'],
    run: async (check) => {
      const before = await tablesOf(check.aws, STACK);
      if ((await deploy(check, CHECKED)).code === 0) return passIf(false, 'it was added beside its tables unasked');
      const { isWell, answered } = await deployed(check, CHECKED, '--without-tables');
      if (!isWell) return passIf(false, answered);
      const tables = await tablesOf(check.aws, STACK);
      const door = await sendOrderUntilTaken(check);
      return passIf(
        door === 200 && tables.length === before.length + TABLES,
        `${answered}; tables ${before.length} → ${tables.length}; door ${door}`,
      );
    },
  },
  {
    name: 'take over tables',
    proves: 'kept tables are taken over by a new stack (`cdk import`)',
    asked: '–',
    run: async () => skipped('not part of this check yet'),
  },
];
