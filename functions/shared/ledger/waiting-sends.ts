import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { decode, encode } from '../runtime/attributes.ts';
import { isWaiting, type SendRecord } from './rules.ts';

/** What the index holds of a send that waits. */
export type WaitingSend = Pick<
  SendRecord,
  | 'pk'
  | 'key'
  | 'template'
  | 'state'
  | 'reason'
  | 'parked'
  | 'queuedAt'
  | 'usefulUntil'
  | 'createdAt'
  | 'updatedAt'
  | 'attempts'
>;

/**
 * What waits on a line, so many at most, in no order; of as many as that there may be more. The index follows the table within moments. No
 * deployed function may ask it. What waits since an earlier release is not there before it is tried next.
 * Throws while an upgrade fills the index, or before it.
 * @param lineId under which the line is stored
 */
export const waitingSends = async (
  table: string,
  lineId: string,
  client: DynamoDBClient,
  limit: number,
): Promise<readonly WaitingSend[]> => {
  const found: WaitingSend[] = [];
  const query = {
    TableName: table,
    IndexName: 'waits',
    KeyConditionExpression: '#waits = :line',
    ExpressionAttributeNames: { '#waits': 'waits' },
    ExpressionAttributeValues: encode({ line: lineId }, ':'),
  };
  for await (const { Items = [] } of paginateQuery({ client, pageSize: limit }, query)) {
    // An earlier release, after a way back, moves a record and leaves the attribute.
    found.push(...Items.map((item) => decode(item) as WaitingSend).filter(isWaiting));
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
};
