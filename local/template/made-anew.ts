import type { Template } from './assembly.ts';

/** What of a table cannot be changed once it is there. */
const TABLE = ['KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'];

/** Why what runs cannot go on with another template; undefined when it can. */
export function madeAnew(before: Template, after: Template): string | undefined {
  if (lineOf(before) !== lineOf(after)) return 'The line is another one.';
  for (const [id, { Type, Properties }] of Object.entries(after.Resources)) {
    const known = before.Resources[id];
    if (Type !== 'AWS::DynamoDB::Table' || known === undefined) continue;
    const shape = (properties: Record<string, unknown>) => JSON.stringify(TABLE.map((name) => properties[name]));
    if (shape(Properties) !== shape(known.Properties)) return `The keys or indexes of the table ${id} are others.`;
  }
  return undefined;
}

export function lineOf(template: Template): unknown {
  return template.Outputs.LineId?.Value;
}
