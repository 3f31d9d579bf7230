import { DescribeStacksCommand, GetTemplateCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { paginateListTables } from '@aws-sdk/client-dynamodb';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { explain } from '../run.ts';
import { clientsOf } from '../target/aws.ts';
import { Failed, isForbidden } from '../terminal/errors.ts';
import { progress } from '../terminal/output.ts';

/** How the logical ids of the tables begin that a stack leaves behind; a test holds them to the template. */
export const KEPT_TABLES = ['SendingLedgerTable', 'InboundDeliveriesTable', 'ContactsTable', 'Appointments'];

type Clients = ReturnType<typeof clientsOf>;

const isThere = async ({ cloudFormation }: Clients, StackName: string): Promise<boolean> => {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return Stacks[0]?.StackStatus !== 'DELETE_COMPLETE';
  } catch (error) {
    if ((error as Error).name !== 'ValidationError') throw error;
    return false;
  }
};

/** Tables that bear the name of the stack, whether it has them or not. */
const tablesOf = async ({ dynamodb: client }: Clients, stack: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) found.push(...TableNames);
  return found.filter((name) => KEPT_TABLES.some((id) => name.startsWith(`${stack}-${id}`)));
};

/** Logical ids of what the stack has by now. */
const idsIn = async ({ cloudFormation: client }: Clients, StackName: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    const there = StackResourceSummaries.filter(({ ResourceStatus = '' }) => !/^DELETE_COMPLETE$/.test(ResourceStatus));
    found.push(...there.flatMap(({ LogicalResourceId }) => LogicalResourceId ?? []));
  }
  return found;
};

const readsParameters = async ({ cloudFormation }: Clients, StackName: string): Promise<boolean> => {
  const { TemplateBody = '{}' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
  return TemplateBody.includes('"ezw:parameters"');
};

/** What stands of a client before a deployment. */
export interface Standing {
  /** Whether its functions read Parameter Store. */
  readonly reads: boolean;
  /** Tables of an earlier life, of kinds of which the stack has none. */
  readonly left: readonly string[];
}

const look = async (client: Client): Promise<Standing> => {
  const [clients, stack] = [clientsOf(client), stackNameOf(client)];
  const stands = await isThere(clients, stack);
  const ids = stands ? await idsIn(clients, stack) : [];
  const missing = KEPT_TABLES.filter((id) => !ids.some((one) => one.startsWith(id)));
  const tables = missing.length === 0 ? [] : await tablesOf(clients, stack);
  return {
    // One that was only imported, or never whole, has no function yet.
    reads: stands && missing.length === 0 && (await readsParameters(clients, stack)),
    left: tables.filter((name) => missing.some((id) => name.startsWith(`${stack}-${id}`))),
  };
};

/**
 * A stack that has none of its tables yet would get new ones, empty, beside those that the client had: nobody who said stop would be known.
 * @param without whether that is meant so
 * @returns whether the stack that stands reads parameters
 * @throws Failed
 */
export const assertNoEarlierLife = async (client: Client, without: boolean): Promise<boolean> => {
  const { reads, left } = await look(client).catch((error: Error): Standing => {
    if (!isForbidden(error)) throw error;
    progress(`Not looked at, whether tables of an earlier life of this client are left: ${explain(error)}`);
    return { reads: false, left: [] };
  });
  if (left.length === 0 || without) return reads;
  throw new Failed(
    `Tables of an earlier life of this client are no part of its stack: ${left.join(', ')}. It would get new ones, empty, and nobody who said stop would be known. Bring them in first (docs/deploy.md, "Add it again, with its tables"); if nobody in them is to be known any more: --without-tables. Nothing was deployed.`,
  );
};
