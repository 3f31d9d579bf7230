import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { callerAt } from '../../local/chaos/calling.ts';
import { Chaos } from '../../local/chaos/chaos.ts';
import { LateIndex } from '../../local/chaos/late-index.ts';
import type { Blow, Call } from '../../local/chaos/plan.ts';
import { close, listen } from '../../local/http.ts';
import { Standstill } from '../../local/lambda/standstill.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';
import { everyStandIn } from '../../local/sandbox/stand-ins.ts';

const AT = { crms: 'crm', notifiers: 'notifier', sources: undefined } as const;

describe('who calls', () => {
  it('is known of every stand-in: the function beside which it is', () => {
    const found = everyStandIn();
    expect(found.length).toBeGreaterThan(10);
    for (const { kind, name, path, standIn } of found) {
      const { at = name } = (standIn ?? {}) as { readonly at?: string };
      const [, owner] = path.split('/');
      expect([path, callerAt(`/${AT[kind] ?? at}/${at}/x`)]).toEqual([path, owner]);
    }
  });

  it('is known of everything that the sandbox serves to functions', () => {
    const { app } = createSandbox({ lineToken: 'ezw_line_test', lineId: 'line' });
    const served = new Set(app.routes.flatMap(({ path }) => /^\/([\w-]+)\//.exec(path)?.[1] ?? []));
    served.delete('_sandbox');
    expect(served.size).toBeGreaterThan(5);
    for (const place of served) expect([place, callerAt(`/${place}/x`)]).toEqual([place, expect.any(String)]);
    expect(callerAt('/nobody/x')).toBeUndefined();
  });
});

describe('chaos before a server', () => {
  let behind: Server;
  let chaos: Chaos;
  let taken: string[];
  let lines: { readonly fault: string; readonly operation: string }[];
  let pids: Readonly<Record<string, readonly number[]>>;
  let asked: Call[];
  const standstill = new Standstill();

  const start = async (strikes: (call: Call) => Blow | undefined): Promise<{ aws: string; outside: string }> => {
    [taken, lines, asked, pids] = [[], [], [], {}];
    behind = createServer(async (request, response) => {
      taken.push(String(await buffer(request)));
      response.end('{}');
    });
    const target = await listen(behind, 0);
    chaos = new Chaos({
      plan: (call) => {
        asked.push(call);
        return strikes(call);
      },
      log: ({ line }) => lines.push(JSON.parse(line)),
      pidsOf: (name = '') => pids[name] ?? [],
      standstill,
      callerOf: (authorization) => authorization,
      bodyOf: () => undefined,
    });
    const origins = { aws: await chaos.before('sqs', target), outside: await chaos.beforeOutside(target) };
    chaos.begin();
    return origins;
  };
  afterEach(async () => {
    await chaos.stop();
    await close(behind);
  });

  const blow = (fault: Blow['fault'], tries = 1): Blow => ({ fault, tries, strength: 0 });
  const tryOf = async (url: string, id: string, attempt: number, by = 'sender'): Promise<number> => {
    const headers = {
      authorization: by,
      'x-amz-target': 'AmazonSQS.SendMessage',
      'amz-sdk-invocation-id': id,
      'amz-sdk-request': `attempt=${attempt}; max=3`,
    };
    return (await fetch(url, { method: 'POST', headers, body: '{"MessageBody":"one"}' })).status;
  };

  it.each([
    [1, [400, 200, 200]],
    [2, [400, 400, 200]],
    [3, [400, 400, 400]],
  ])('strikes so many tries of a call as its plan says: %s, and each is told', async (tries, statuses) => {
    const { aws } = await start(({ nth }) => (nth === 0 ? blow('refused-before', tries) : undefined));
    const found: number[] = [];
    for (const attempt of [1, 2, 3]) found.push(await tryOf(aws, 'call', attempt));
    expect(found).toEqual(statuses);
    expect(lines.map(({ fault }) => fault)).toEqual(Array.from({ length: tries }, () => 'refused-before'));
    expect(taken).toHaveLength(3 - tries);
    // The tries of one call are one call to the plan.
    expect(await tryOf(aws, 'another', 1)).toBe(200);
    expect(asked.map(({ nth }) => nth)).toEqual([0, 1]);
  });

  it.each(['killed-before', 'killed-after', 'frozen'] as const)(
    'does not strike, and tells nothing, where there is no process to be struck: %s',
    async (fault) => {
      const { aws, outside } = await start(() => blow(fault));
      expect(await tryOf(aws, 'call', 1)).toBe(200);
      expect((await fetch(`${outside}/nobody/x`)).status).toBe(200);
      expect((await fetch(`${outside}/shopify/x`)).status).toBe(200);
      expect(lines).toEqual([]);
      expect(asked).toHaveLength(3);
      expect(taken).toHaveLength(3);
    },
  );

  it('tells what was cut of a batch to nobody: that is not done here', async () => {
    await start(() => blow('cut'));
    expect(chaos.onDelivery('work', 'body')).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('lets an alarm be late by up to a minute, or ring twice', async () => {
    await start(() => ({ fault: 'late', tries: 1, strength: 0.9999999 }));
    const late = Number(chaos.onAlarm('one'));
    expect([late > 0, late <= 60_000]).toEqual([true, true]);
    await chaos.stop();
    await close(behind);
    await start(() => blow('twice'));
    expect(chaos.onAlarm('one')).toBe('twice');
    expect(lines).toEqual([expect.objectContaining({ port: 'alarm', operation: 'ring', fault: 'twice' })]);
  });
});

describe('an index that is late', () => {
  const write = (pk: string) => JSON.stringify({ TableName: 'sends', Item: { pk: { S: pk } } });
  const change = (pk: string) => JSON.stringify({ TableName: 'sends', Key: { pk: { S: pk } } });
  const query = JSON.stringify({ TableName: 'sends', IndexName: 'words' });
  const rows = (...pks: readonly string[]) =>
    JSON.stringify({ Count: pks.length, ScannedCount: pks.length, Items: pks.map((pk) => ({ pk: { S: pk } })) });

  it('does not find what was just written, and finds it soon after', () => {
    let now = 10_000;
    const index = new LateIndex({ now: () => now, isBehind: () => true });
    index.answered('PutItem', write('old'), '{}');
    now += 1_000;
    index.answered('UpdateItem', change('new'), '{}');
    now += 1_000;
    expect(index.answered('Query', query, rows('old', 'new'))).toBe(rows('old'));
    expect(index.answered('Query', query.replace('sends', 'others'), rows('new'))).toBe(rows('new'));
    expect(index.answered('Query', '{"TableName":"sends"}', rows('new'))).toBe(rows('new'));
    now += 1_000;
    expect(index.answered('Query', query, rows('old', 'new'))).toBe(rows('old', 'new'));
  });

  it('is asked for only where something new would be found, and may be up to date', () => {
    const asked: string[] = [];
    const index = new LateIndex({ now: () => 0, isBehind: (one) => asked.push(one) < 0 });
    expect(index.answered('Query', query, rows('one'))).toBe(rows('one'));
    expect(asked).toEqual([]);
    index.answered('PutItem', write('one'), '{}');
    expect(index.answered('Query', query, rows('one'))).toBe(rows('one'));
    expect(asked).toEqual([query]);
  });
});
