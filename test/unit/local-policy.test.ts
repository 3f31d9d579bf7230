import { describe, expect, it } from 'vitest';
import { type Call, deciding, policyDocument } from '../../local/iam/policy.ts';

const rulesOf = (...Statement: readonly object[]) => policyDocument.parse({ Version: '2012-10-17', Statement });
const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const effectOf = (statements: readonly object[], call: Call) => deciding(rulesOf(...statements), call)?.effect;

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:work';
const SEND = { action: 'sqs:SendMessage', resource: QUEUE };

describe('a call', () => {
  it('is allowed where a statement names its action and its resource, and nowhere else', () => {
    const statements = [allow(['sqs:SendMessage', 'sqs:DeleteMessage'], [`${QUEUE}-2`, QUEUE])];
    expect(effectOf(statements, SEND)).toBe('Allow');
    expect(effectOf(statements, { ...SEND, action: 'sqs:ReceiveMessage' })).toBeUndefined();
    expect(effectOf(statements, { ...SEND, resource: `${QUEUE}-dlq` })).toBeUndefined();
    expect(effectOf(statements, { ...SEND, resource: QUEUE.slice(0, -1) })).toBeUndefined();
    expect(effectOf([], SEND)).toBeUndefined();
  });

  it('is known by its action in whichever letters, and by its resource in its own', () => {
    expect(effectOf([allow('SQS:sendmessage', QUEUE)], SEND)).toBe('Allow');
    expect(effectOf([allow('sqs:SendMessage', QUEUE.toUpperCase())], SEND)).toBeUndefined();
  });

  it('is denied by one statement, however many allow it and wherever they stand', () => {
    const deny = { Effect: 'Deny', Action: 'sqs:*', Resource: QUEUE };
    const statements = [allow('sqs:SendMessage', QUEUE), deny, allow('*', '*')];
    expect(effectOf(statements, SEND)).toBe('Deny');
    expect(effectOf(statements, { ...SEND, resource: `${QUEUE}-2` })).toBe('Allow');
  });

  it.each([
    ['arn:aws:scheduler:*:schedule/group/*', 'arn:aws:scheduler:x:schedule/group/a/b', 'Allow'],
    ['arn:aws:scheduler:x:schedule/group/*', 'arn:aws:scheduler:x:schedule/groups/a', undefined],
    ['arn:a?c', 'arn:abc', 'Allow'],
    ['arn:a?c', 'arn:ac', undefined],
    ['arn:a.c+[x]', 'arn:abcc[x]', undefined],
    ['arn:a.c+[x]*', 'arn:a.c+[x]!', 'Allow'],
  ])('matches %s with %s as AWS does: %s', (pattern, resource, effect) => {
    expect(effectOf([allow('a:B', pattern)], { action: 'a:B', resource })).toBe(effect);
  });
});

describe('a condition', () => {
  const pass = { StringEquals: { 'iam:PassedToService': ['scheduler.amazonaws.com', 'b'] } };

  it('holds for one of its values, and for no call that lacks its key', () => {
    const statements = [allow('iam:PassRole', QUEUE, { Condition: pass })];
    const call = (context: Call['context']) => ({
      action: 'iam:PassRole',
      resource: QUEUE,
      ...(context && { context }),
    });
    expect(effectOf(statements, call({ 'iam:PassedToService': 'b' }))).toBe('Allow');
    expect(effectOf(statements, call({ 'iam:PassedToService': 'lambda.amazonaws.com' }))).toBeUndefined();
    expect(effectOf(statements, call(undefined))).toBeUndefined();
  });

  it('is one of several that must all hold', () => {
    const both = { ...pass, ArnLike: { 'aws:SourceArn': 'arn:*' } };
    const statements = [allow('iam:PassRole', QUEUE, { Condition: both })];
    const context = { 'iam:PassedToService': 'b', 'aws:SourceArn': 'arn:x' };
    expect(effectOf(statements, { action: 'iam:PassRole', resource: QUEUE, context })).toBe('Allow');
    const { 'aws:SourceArn': _, ...one } = context;
    expect(effectOf(statements, { action: 'iam:PassRole', resource: QUEUE, context: one })).toBeUndefined();
  });

  it('on the keys of rows holds for those that begin so', () => {
    const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['proofs#a#*'] } };
    const statements = [allow('dynamodb:UpdateItem', QUEUE, { Condition })];
    const effect = (context: Call['context']) =>
      effectOf(statements, { action: 'dynamodb:UpdateItem', resource: QUEUE, ...(context && { context }) });
    expect(effect({ 'dynamodb:LeadingKeys': 'proofs#a#shop' })).toBe('Allow');
    expect(effect({ 'dynamodb:LeadingKeys': 'proofs#b#shop' })).toBeUndefined();
    expect(effect({ 'dynamodb:LeadingKeys': 'x#proofs#a#shop' })).toBeUndefined();
    expect(effect(undefined)).toBeUndefined();
  });

  it('of a queue that wants TLS denies what comes without', () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    const deny = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sqs:*', Resource: QUEUE, Condition };
    const statements = [allow('sqs:SendMessage', QUEUE), deny];
    expect(effectOf(statements, { ...SEND, context: { 'aws:SecureTransport': 'true' } })).toBe('Allow');
    expect(effectOf(statements, { ...SEND, context: { 'aws:SecureTransport': 'false' } })).toBe('Deny');
  });
});

it('a statement about a service is about no other', () => {
  const statements = [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }];
  const call = { action: 'sts:AssumeRole', resource: '*' };
  expect(effectOf(statements, { ...call, principal: 'lambda.amazonaws.com' })).toBe('Allow');
  expect(effectOf(statements, { ...call, principal: 'scheduler.amazonaws.com' })).toBeUndefined();
  expect(effectOf(statements, call)).toBeUndefined();
});

it.each([
  ['NotAction', { Effect: 'Allow', NotAction: 'sqs:*', Resource: '*' }, /NotAction|Action/],
  ['NotResource', allow('sqs:*', '*', { NotResource: QUEUE }), /NotResource/],
  ['NotPrincipal', allow('sqs:*', '*', { NotPrincipal: '*' }), /NotPrincipal/],
  ['an operator', allow('a:B', '*', { Condition: { StringNotEquals: { 'aws:SourceArn': 'x' } } }), /StringNotEquals/],
  ['a key', allow('a:B', '*', { Condition: { StringEquals: { 'aws:SourceIp': 'x' } } }), /aws:SourceIp/],
  ['an account', allow('a:B', '*', { Principal: { AWS: 'arn:aws:iam::000000000000:root' } }), /Principal/],
])('%s that nobody evaluates is an error, and is never passed over', (_, statement, message) => {
  expect(() => rulesOf(statement)).toThrow(message);
});
