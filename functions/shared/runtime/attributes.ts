import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Plain values as DynamoDB attributes; enough for our rows, and a tenth of the SDK's marshaller in a bundle. */
const toAttribute = (value: unknown): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'object' && value !== null) return { M: encode(value) };
  throw new TypeError(`A ${typeof value} cannot be stored.`);
};

const fromAttribute = (attribute: AttributeValue): unknown => {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return decode(attribute.M);
  throw new TypeError(`An attribute of type ${Object.keys(attribute).join()} is none of ours.`);
};

/** What is `undefined` is left out. @param mark goes before each name */
export const encode = (item: object, mark = ''): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [`${mark}${name}`, toAttribute(value)]),
  );

export const decode = (item: Record<string, AttributeValue>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, fromAttribute(attribute)]));
