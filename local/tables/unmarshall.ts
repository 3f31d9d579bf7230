import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, unknown>;

/** A DynamoDB item as plain JSON, to look at. Numbers beyond 2^53 stay strings, binary becomes base64. */
export function unmarshall(item: Record<string, AttributeValue>): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

function plain(value: AttributeValue): unknown {
  if (value.N !== undefined)
    return Number.isSafeInteger(Number(value.N)) || /[.eE]/.test(value.N) ? Number(value.N) : value.N;
  if (value.M !== undefined) return unmarshall(value.M);
  if (value.L !== undefined) return value.L.map(plain);
  if (value.B !== undefined) return Buffer.from(value.B).toString('base64');
  if (value.NULL !== undefined) return null;
  return (
    value.S ?? value.BOOL ?? value.SS ?? value.NS ?? value.BS?.map((bytes) => Buffer.from(bytes).toString('base64'))
  );
}
