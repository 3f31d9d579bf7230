import { expect, it } from 'vitest';
import { Pause } from '../../functions/crm-sync/pause.ts';
import { Sink, type SinkTools } from '../../functions/crm-sync/sink.ts';
import { CrmSync, type SyncTools } from '../../functions/crm-sync/sync.ts';
import { plan } from '../../functions/crm-sync/workflow.ts';
import type { MessageItem } from '../../functions/shared/ezwhatsapp/events.ts';
import { Unavailable } from '../../functions/shared/runtime/errors.ts';

const message = (id: string, text: string, at: string): MessageItem => ({
  kind: 'message',
  id,
  conversation: 'c1',
  phone: '+972501234567',
  fromMe: false,
  individual: true,
  type: 'text',
  text,
  at,
});

const gate = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

it('a stop that is told while an older start is still on its way to the CRM stands there in the end', async () => {
  let said = { at: '', stopped: false };
  let shown: boolean | undefined;
  const [leaves, arrives] = [gate(), gate()];
  const people: SinkTools['people'] = {
    meet: async () => ({ person: 'p', names: [], older: [] }),
    hear: async (_, word, at) => {
      if (at > said.at) said = { at, stopped: word === 'stop' };
      return true;
    },
    isSilent: async () => said.stopped,
    saidLast: async () => undefined,
  };
  const sink = new Sink({
    name: 'webhook',
    text: false,
    takesStatuses: false,
    config: {
      keysOf: 'line',
      zone: 'Asia/Jerusalem',
      conversationUrl: 'https://app.example/c',
      optOut: { stop: ['stop'], start: ['start'] },
    },
    contacts: {
      contactOf: async () => ({ pk: 'pk', id: 'contact', isNamed: true, showsStop: false }),
      forget: async () => undefined,
      named: async () => undefined,
      showed: async () => undefined,
    },
    people,
    contactPk: async () => 'pk',
    connect: async () => ({
      contactId: async () => 'contact',
      addEntry: async () => undefined,
      setOptOut: async (_, __, optedOut) => {
        if (!optedOut) {
          leaves.open();
          await arrives.opened;
        }
        shown = optedOut;
      },
    }),
    refresh: async () => false,
    pause: new Pause(Date.now),
    failures: { failed: async () => undefined, taken: async () => undefined },
    tell: async () => undefined,
    log: () => undefined,
    now: Date.now,
  });
  const tools: SyncTools = {
    config: { keysOf: 'line' },
    deliveries: {
      once: async (_, effect) => {
        await effect(1);
        return true;
      },
      onceForWords: async (_, __, effect) => {
        await effect(1, false);
        return true;
      },
    },
    observed: {} as SyncTools['observed'],
    people: { meet: people.meet, latest: async () => ({}), tie: async () => undefined },
    sinks: [sink],
    enqueue: async () => undefined,
    markHidesNumbers: async () => undefined,
    tellOfFailed: async () => undefined,
    log: () => undefined,
    now: Date.now,
  };
  const sync = new CrmSync(tools);
  const told = (item: MessageItem) => sync.handle(JSON.stringify({ deliveryId: 'd1', index: 0, item }));
  const start = told(message('m1', 'START', '2026-11-22T10:00:00.000Z'));
  await leaves.opened;
  await told(message('m2', 'STOP', '2026-11-22T10:00:10.000Z'));
  expect(shown).toBe(true);
  arrives.open();
  await start;
  expect(shown).toBe(true);
});

it('a line of the timeline stands on the client’s own day, whatever day it is in Greenwich', () => {
  const settings = {
    lineId: 'line',
    conversationUrl: 'https://app.example/c',
    optOut: { stop: [], start: [] },
    text: false,
  };
  const late = message('m1', 'hello', '2026-11-22T22:30:00.000Z');
  expect(plan(late, { ...settings, zone: 'Asia/Jerusalem' })?.entry.day).toBe('2026-11-23');
  expect(plan(late, { ...settings, zone: 'America/New_York' })?.entry.day).toBe('2026-11-22');
});

it.each([
  ['sink_401', 1],
  ['crm_secret_not_set', 1],
  ['sink_503', 0],
])('after %s the secret is read anew for the next try: somebody may have mended it', async (reason, times) => {
  let read = 0;
  const sink = new Sink({
    name: 'x',
    text: false,
    takesStatuses: true,
    config: { keysOf: 'line', zone: 'UTC', conversationUrl: 'https://app.example/c', optOut: { stop: [], start: [] } },
    contacts: {} as SinkTools['contacts'],
    people: {} as SinkTools['people'],
    contactPk: async () => 'pk',
    connect: async () => Promise.reject(new Unavailable(reason, 'x')),
    refresh: async () => {
      read += 1;
    },
    pause: new Pause(Date.now),
    failures: { failed: async () => undefined, taken: async () => undefined },
    tell: async () => undefined,
    log: () => undefined,
    now: Date.now,
  });
  const status = { kind: 'status', id: 'm', status: 'read', at: '2026-11-22T10:00:00.000Z' } as const;
  await expect(sink.take(status, { attempt: 1 })).rejects.toThrow('x');
  expect(read).toBe(times);
});

it('the line of a status says how far a message of ours got, and how long it took to the phone from its event or its own moment', async () => {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const happened = '2026-11-22T10:00:00.000Z';
  const heard = async (status: string, at: string, joined: object | 'foreign') => {
    const tools = {
      config: { keysOf: 'line' },
      deliveries: {
        once: async (_: string, effect: (attempt: number) => Promise<void>) => {
          await effect(1);
          return true;
        },
      },
      observed: { noteStatus: async () => joined },
      sinks: [],
      log: (_: string, fields: Readonly<Record<string, unknown>>) => lines.push(fields),
      now: () => Date.parse(at),
    } as unknown as SyncTools;
    await new CrmSync(tools).handle(JSON.stringify({ deliveryId: 'd', item: { kind: 'status', id: 'm', status, at } }));
    return lines.at(-1);
  };
  const send = { key: 'k', template: 'order-ready', asOf: happened, because: { at: happened } };
  const queued = (after: number) => ({ ...send, queuedAt: Date.parse(happened) + after });
  expect(await heard('delivered', '2026-11-22T10:00:07.000Z', queued(2_000))).toMatchObject({
    event: 'crm-sync',
    outcome: 'status',
    template: 'order-ready',
    state: 'delivered',
    tookMs: 7_000,
  });
  expect(await heard('delivered', '2026-11-22T12:00:03.000Z', queued(2 * 3600_000))).toMatchObject({ tookMs: 3_000 });
  // A source whose clock is fast makes no time less than nothing.
  expect(await heard('delivered', '2026-11-22T09:59:00.000Z', queued(0))).toMatchObject({ tookMs: 0 });
  expect(await heard('read', '2026-11-22T11:00:00.000Z', queued(0))).toMatchObject({ state: 'read' });
  expect(lines.at(-1)).not.toHaveProperty('tookMs');
  // What people wrote by hand is no message of ours.
  expect(await heard('delivered', '2026-11-22T10:00:07.000Z', 'foreign')).not.toHaveProperty('state');
});
