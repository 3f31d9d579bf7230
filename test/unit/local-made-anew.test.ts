import { expect, it } from 'vitest';
import type { Template } from '../../local/template/assembly.ts';
import { madeAnew } from '../../local/template/made-anew.ts';

const table = (properties: object): Template['Resources'][string] => ({
  Type: 'AWS::DynamoDB::Table',
  Metadata: {},
  Properties: { KeySchema: [{ AttributeName: 'pk' }], AttributeDefinitions: [], ...properties },
});
const template = (line: string, resources: Template['Resources']): Template => ({
  Resources: resources,
  Outputs: { LineId: { Value: line } },
  Parameters: {},
});
const before = template('a', { Sends: table({}) });

it.each<[string, Template, RegExp | undefined]>([
  ['the same', template('a', { Sends: table({}) }), undefined],
  [
    'other tags and times to live',
    template('a', { Sends: table({ Tags: [], TimeToLiveSpecification: {} }) }),
    undefined,
  ],
  ['another table', template('a', { Sends: table({}), Contacts: table({ KeySchema: [] }) }), undefined],
  ['no table', template('a', {}), undefined],
  ['another line', template('b', { Sends: table({}) }), /line/],
  ['another key', template('a', { Sends: table({ KeySchema: [{ AttributeName: 'id' }] }) }), /table Sends/],
  ['an index', template('a', { Sends: table({ GlobalSecondaryIndexes: [{}] }) }), /table Sends/],
])('a template with %s', (_, after, reason) => {
  if (reason === undefined) expect(madeAnew(before, after)).toBeUndefined();
  else expect(madeAnew(before, after)).toMatch(reason);
});
