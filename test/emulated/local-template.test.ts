// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are CloudFormation's placeholders
import { describe, expect, test } from 'vitest';
import { referencesIn, resolve, type Scope } from '../../local/template/intrinsics.ts';
import { localFixture } from './fixtures/local-assembly.ts';

const scope: Scope = {
  ref: (name) => (name === 'AWS::NoValue' ? undefined : `<${name}>`),
  attribute: (logicalId, attribute) => `<${logicalId}#${attribute}>`,
};

describe('intrinsic functions', () => {
  test.each([
    ['Ref', { Ref: 'Table' }, '<Table>'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, '<Queue#Arn>'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Queue.Arn' }, '<Queue#Arn>'],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'B' }, 'c']] }, 'a/<B>/c'],
    ['Split', { 'Fn::Split': [':', 'a:b'] }, ['a', 'b']],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['A', 'X'] }] }] }, undefined],
    ['Select as text', { 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
    ['Sub', { 'Fn::Sub': '${A}-${B.Arn}-${!C}' }, '<A>-<B#Arn>-${C}'],
    ['Sub with variables', { 'Fn::Sub': ['${Own}-${A}', { Own: { Ref: 'Z' } }] }, '<Z>-<A>'],
    ['plain values', { a: [1, true, null, { b: 'c' }] }, { a: [1, true, null, { b: 'c' }] }],
    [
      'no value',
      { keep: 1, drop: { Ref: 'AWS::NoValue' }, list: [{ Ref: 'AWS::NoValue' }, 2] },
      { keep: 1, list: [2] },
    ],
  ])('%s is worked out', (_, value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  test('an unknown one is refused by name', () => {
    expect(() => resolve({ a: { 'Fn::Cidr': [] } }, scope)).toThrow(/Fn::Cidr/);
  });

  test('every resource that is referred to is found', () => {
    const value = { a: { Ref: 'A' }, b: [{ 'Fn::Sub': ['${B}${C.Arn}${V}', { V: { 'Fn::GetAtt': ['D', 'Arn'] } }] }] };
    expect([...referencesIn(value)].sort()).toEqual(['A', 'B', 'C', 'D']);
  });
});

describe('a template that cannot be emulated is refused, saying what is in the way', () => {
  test.each([
    ['an unknown resource type', { Bucket: { Type: 'AWS::S3::Bucket' } }, /Bucket is a AWS::S3::Bucket/],
    ['a condition', { Quiet: { Type: 'AWS::SQS::Queue', Condition: 'Sometimes' } }, /Quiet has a condition/],
    [
      'a reference to nothing',
      { Quiet: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: { Ref: 'Nothing' } } } },
      /Quiet refers to Nothing/,
    ],
    [
      'an event filter',
      {
        WorkMapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { EventSourceArn: 'a', FunctionName: 'b', FilterCriteria: {} },
        },
      },
      /WorkMapping .* cannot be emulated.*FilterCriteria/,
    ],
    [
      'a queue whose visibility is below the time of its function',
      { Work: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 1 } } },
      /WorkMapping: Queue visibility timeout: 1 seconds is less than Function timeout: 2 seconds/,
    ],
    [
      'a queue that SQS would not make',
      { Quiet: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 59 } } },
      /Quiet: Invalid value for the parameter MessageRetentionPeriod\. Reason: Must be between 60 and 1209600\./,
    ],
    [
      'a missing asset',
      { Layer: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Key: 'x' } } } },
      /no asset x/,
    ],
  ])('%s', async (_, resources, message) => {
    const fixture = localFixture((all) => Object.assign(all, resources));
    await expect(fixture.start()).rejects.toThrow(message);
  });
});
