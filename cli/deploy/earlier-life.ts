import { DescribeStacksCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { explain } from '../run.ts';
import { clientsOf } from '../target/aws.ts';
import { Failed, isForbidden } from '../terminal/errors.ts';
import { progress } from '../terminal/output.ts';

/** How the logical ids of the tables begin that a stack leaves behind; a test holds them to the template. */
export const KEPT_TABLES = ['SendingLedgerTable', 'InboundDeliveriesTable', 'ContactsTable', 'Appointments'];

type Clients = ReturnType<typeof clientsOf>;

const statusOf = async ({ cloudFormation }: Clients, StackName: string): Promise<string | undefined> => {
  const { Stacks = [] } = await cloudFormation
    .send(new DescribeStacksCommand({ StackName }))
    .catch((error: Error): { Stacks?: { StackStatus?: string }[] } => {
      if (error.name !== 'ValidationError') throw error;
      return {};
    });
  return Stacks[0]?.StackStatus;
};

/** Tables that bear the name of the stack, whether it has them or not. */
const tablesOf = async ({ dynamodb: client }: Clients, stack: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) found.push(...TableNames);
  return found.filter((name) => KEPT_TABLES.some((id) => name.startsWith(`${stack}-${id}`)));
};

const inStack = async ({ cloudFormation: client }: Clients, StackName: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    found.push(...StackResourceSummaries.flatMap(({ PhysicalResourceId }) => PhysicalResourceId ?? []));
  return found;
};

const hasNothing = (status: string | undefined): boolean =>
  status === undefined || /^(ROLLBACK_COMPLETE|REVIEW_IN_PROGRESS|DELETE_COMPLETE)$/.test(status);

const left = async (client: Client): Promise<readonly string[]> => {
  const [clients, stack] = [clientsOf(client), stackNameOf(client)];
  const status = await statusOf(clients, stack);
  const isImported = status?.startsWith('IMPORT_') ?? false;
  if (!hasNothing(status) && !isImported) return [];
  const tables = await tablesOf(clients, stack);
  const own = isImported ? await inStack(clients, stack) : [];
  return tables.filter((name) => !own.includes(name));
};

/**
 * A stack that has none of its tables yet would get new ones, empty, beside those that the client had: nobody who said stop would be known.
 * @throws Failed
 */
export const assertNoEarlierLife = async (client: Client): Promise<void> => {
  const tables = await left(client).catch((error: Error) => {
    if (!isForbidden(error)) throw error;
    progress(`Not looked at, whether tables of an earlier life of this client are left: ${explain(error)}`);
    return [];
  });
  if (tables.length === 0) return;
  throw new Failed(
    `Tables of an earlier life of this client are no part of its stack: ${tables.join(', ')}. It would get new ones, empty, and nobody who said stop would be known. Bring them in first (docs/deploy.md, "Add it again, with its tables"); if nobody in them is to be known any more: --without-tables. Nothing was deployed.`,
  );
};
