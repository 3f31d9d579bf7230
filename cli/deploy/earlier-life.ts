import type { StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { explain } from '../run.ts';
import { readsParameters } from '../secrets/store.ts';
import { servicesOf } from '../target/aws.ts';
import { resourcesOf, stackOf, tableNames, templateOf } from '../target/stack.ts';
import { Failed, isForbidden } from '../terminal/errors.ts';
import { progress } from '../terminal/output.ts';

/** How the logical ids of the tables begin that a stack leaves behind; a test holds them to the template. */
export const KEPT_TABLES = ['SendingLedgerTable', 'InboundDeliveriesTable', 'ContactsTable', 'Appointments'];

/** What stands of a client before a deployment. */
export interface Standing {
  /** Whether its functions read Parameter Store. */
  readonly reads: boolean;
  /** Tables of an earlier life, of kinds of which the stack has none. */
  readonly left: readonly string[];
}

const look = async (client: Client): Promise<Standing> => {
  const [{ cloudFormation, dynamodb }, stack] = [servicesOf(client), stackNameOf(client)];
  const stands = await stackOf(cloudFormation, stack);
  const ids = stands ? (await resourcesOf(cloudFormation, stack)).filter(isThere) : [];
  const missing = KEPT_TABLES.filter((kind) => !ids.some(({ LogicalResourceId: id }) => id?.startsWith(kind)));
  const tables = missing.length === 0 ? [] : await tableNames(dynamodb);
  return {
    // One that was only imported, or never whole, has no function yet.
    reads: missing.length === 0 && readsParameters({ template: await templateOf(cloudFormation, stack) }),
    left: tables.filter((name) => missing.some((kind) => name.startsWith(`${stack}-${kind}`))),
  };
};

const isThere = ({ ResourceStatus }: StackResourceSummary): boolean => ResourceStatus !== 'DELETE_COMPLETE';

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
