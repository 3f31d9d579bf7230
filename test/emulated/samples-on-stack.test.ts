import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventOf, hasPhone } from '../../local/samples/event.ts';
import { library } from '../../local/samples/library.ts';
import { isSaid } from '../../local/samples/sample.ts';
import { demoForAll, demoSecrets, sandboxOf } from './demo.ts';
import { ezw } from './ezw.ts';

/** Every sample of the library, sent by the operator's command to the demo on the local stack, as anybody would. */
const demo = demoForAll();

interface Triggered {
  readonly results: readonly {
    readonly id: string;
    readonly status: number;
    readonly sends: readonly { readonly key: string; readonly state: string; readonly reason?: string }[];
  }[];
}

let next = randomInt(1000);
/** Each about somebody else: a person is touched once. */
const newPhone = (): string => `+97250123${String(next++ % 10_000).padStart(4, '0')}`;

const trigger = async (...args: string[]): Promise<Triggered['results']> => {
  const { code, stdout, stderr } = await ezw(['trigger', ...args, '--local', demo().url, '--json']);
  expect([code, stderr.replace(/^\d+ .*\n/gm, '')]).toEqual([0, '']);
  return (JSON.parse(stdout) as Triggered).results;
};

/** What must be in the ledger when everything is over, whose alarms are rung in the end. */
const expected: { readonly about: string; readonly key: string; readonly state: string; readonly reason?: string }[] =
  [];
let latest = Date.now();

interface Sent {
  readonly key: string;
  readonly state: string;
  readonly reason?: string;
}
const ledger = async (): Promise<Sent[]> => {
  const { tables } = await demo().state();
  return (tables.sends ?? []).filter(({ state }) => state) as unknown as Sent[];
};

describe('ezw trigger', () => {
  const messages = () => sandboxOf(demo()).messages();

  it('makes as many messages as events, each with an id of its own; with one id it is one event', async () => {
    const before = (await messages()).length;
    const three = await trigger('order-ready', 'woocommerce', '--times', '3');
    expect(new Set(three.map(({ id }) => id)).size).toBe(3);
    expect((await messages()).length - before).toBe(3);
    await trigger('order-ready', 'woocommerce', '--times', '3', '--id', '424242');
    expect((await messages()).length - before).toBe(4);
  });

  it('sends the own event of a template where no source is named', async () => {
    const [result] = await trigger('order-ready');
    expect(result?.sends[0]).toMatchObject({ state: 'ACCEPTED' });
  });

  it('says that nothing new came of an event that was there before', async () => {
    const args = [
      'trigger',
      'order-ready',
      'custom',
      'ready',
      '--id',
      `TWICE-${randomInt(1e6)}`,
      '--local',
      demo().url,
    ];
    expect((await ezw(args)).stdout).toMatch(/^ACCEPTED {2}order:TWICE-\d+:ready\n$/);
    expect((await ezw(args)).stdout).toMatch(/^ACCEPTED .*was so before/);
    const id = String(randomInt(1e8, 1e9));
    const lookedUp = ['trigger', 'order-ready', 'shopify', 'prepared-for-pickup', '--id', id, '--local', demo().url];
    expect((await ezw(lookedUp)).stdout).toMatch(/^ACCEPTED {2}order:\d+:ready\n$/);
    expect((await ezw(lookedUp)).stdout).toMatch(/^ACCEPTED .*was so before/);
  });

  it('looks up nothing else than what it had the stand-in hold', async () => {
    const set = ['--set', 'fulfillment_order.id=gid://shopify/FulfillmentOrder/1'];
    const args = ['trigger', 'order-ready', 'shopify', 'prepared-for-pickup', ...set, '--local', demo().url];
    expect(await ezw(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(/give --id, not --set/) });
    const notOne = ['trigger', 'appointment-reminder', 'acuity', 'scheduled', '--id', 'abc', '--local', demo().url];
    expect(await ezw(notOne)).toMatchObject({ code: 2, stderr: expect.stringMatching(/--id must be a number/) });
  });

  it('says of what it does not wait for that it does not, and of nothing that it is nothing', async () => {
    const { stdout } = await ezw(['trigger', 'order-ready', 'custom', '--no-wait', '--local', demo().url]);
    expect(stdout).toMatch(/^not waited for {2}order:/);
    const other = await ezw(['trigger', 'order-ready', 'custom', 'other-type', '--local', demo().url]);
    expect(other.stdout).toBe('No send.\n');
  });

  it('tells a look-up that has not worked from one whose message is due later', async () => {
    const acuity = ['trigger', 'appointment-reminder', 'acuity', 'scheduled', '--local', demo().url];
    expect((await ezw(acuity)).stdout).toMatch(/^looked up, due later {2}appointment:/);
    await sandboxOf(demo()).fault('acuity', { kind: 'status', status: 401 }, 0);
    expect((await ezw(acuity)).stdout).toMatch(/^not looked up yet: appointment-reminder-work holds 1/);
    await sandboxOf(demo()).clearFaults();
  });

  it('foresees that what comes too late expires', async () => {
    const dry = ['trigger', 'order-ready', 'custom', 'ready', '--at', '-3d', '--dry', '--local', demo().url];
    expect((await ezw(dry)).stdout).toMatch(/EXPIRED useful_until_passed/);
  });

  it('takes another value where the sample has one, whatever it looks like', async () => {
    const number = `O'Brien "x" = 1, 🎂 שרה`;
    const [result] = await trigger('order-ready', 'custom', 'ready', '--set', `data.order_number=${number}`);
    const key = result?.sends[0]?.key;
    const sent = (await messages()).find((one) => one.key === key);
    expect(JSON.parse(sent?.raw ?? '{}').body).toContain(number);
  });

  it('sends an event of another day signed as of now', async () => {
    const [late] = await trigger('order-ready', 'custom', 'ready', '--at', '-3d');
    expect(late).toMatchObject({ status: 200, sends: [{ state: 'EXPIRED' }] });
  });

  it('shows the request and what would become of it, and sends nothing, with --dry', async () => {
    const calls = (await sandboxOf(demo()).requests()).length;
    const { code, stdout } = await ezw(['trigger', 'lead-first-touch', 'form', '--dry', '--local', demo().url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^POST http.*\/lead-first-touch\/form/);
    expect(stdout).toMatch(/Becomes:\n {2}now {2}lead:/);
    expect((await sandboxOf(demo()).requests()).length).toBe(calls);
  });

  it('says no secret, neither when it sends nor with --dry', async () => {
    const secrets = Object.values(demoSecrets().sources ?? {}).map((one) =>
      typeof one === 'string' ? one : String((one as { current: string }).current),
    );
    for (const { template, source, name } of library()) {
      const { stdout, stderr } = await ezw(['trigger', template, source, name, '--dry', '--local', demo().url]);
      for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
    }
  });

  it('fails when an event was not taken, and says why', async () => {
    const args = ['trigger', 'order-ready', 'custom', 'ready', '--set', 'data.order_id=', '--local', demo().url];
    const { code, stderr } = await ezw(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/400 wrong_shape: data\.order_id/);
    expect(stderr).toContain('1 of 1 were not taken');
  });

  it.each<[string, string[], RegExp]>([
    [
      'a field that the sample does not have',
      ['order-ready', 'custom', '--set', 'data.customer.nam=x'],
      /data\.customer\.name/,
    ],
    ['a sample that is none', ['order-ready', 'custom', 'redy'], /Choose one of: .*ready/],
    ['a source that is none', ['order-ready', 'toString'], /no source "toString"/],
    ['a template that is none', ['constructor', 'custom'], /no template "constructor"/],
    ['no template', [], /--list/],
    ['a time that is none', ['order-ready', 'custom', '--at', 'tomorrow'], /--at "tomorrow" must be like/],
    [
      'a number of another country, where the vendor writes none',
      ['lead-first-touch', 'form', 'elementor/advanced', '--phone', '+966501234567'],
      /give a --phone of IL, the country of demo/,
    ],
    [
      'a number that is written over',
      ['order-ready', 'custom', '--phone', '+972501230001', '--set', 'data.customer.phone=+972501230002'],
      /another number/,
    ],
    ['an id for what has none', ['lead-first-touch', 'form', 'elementor/simple', '--id', 'x'], /has no id of its own/],
    [
      'events that would all be one',
      ['lead-first-touch', 'form', 'elementor/simple', '--times', '2'],
      /all would be one event/,
    ],
    [
      'an id that is no number where the vendor has one',
      ['order-ready', 'shopify', 'fulfilled', '--id', 'abc'],
      /--id must be a number here/,
    ],
    ['an id in two lines', ['order-ready', 'custom', '--id', 'a\nb'], /without line breaks/],
    ['a number that is none', ['order-ready', 'custom', '--phone', '050-123'], /with its country/],
    ['more at once than helps', ['order-ready', 'custom', '--times', '101'], /at most 100/],
    ['--set without a value', ['order-ready', 'custom', '--set', 'x'], /field=value/],
  ])('refuses %s with one line', async (_, args, says) => {
    const { code, stdout, stderr } = await ezw(['trigger', ...args, '--local', demo().url]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(says);
  });

  it('lists the library for people and for machines', async () => {
    const { stdout } = await ezw(['trigger', '--list', 'order-ready', '--json']);
    const listed = JSON.parse(stdout) as { source: string; becomes: string; from: string }[];
    expect(listed.length).toBeGreaterThan(10);
    for (const { from, becomes } of listed) expect(`${from}${becomes}`).not.toBe('');
    expect((await ezw(['trigger', '--list'])).stdout).toMatch(/^TEMPLATE +SOURCE +SAMPLE +BECOMES/);
  });
});

// Last, for it moves the clock.
describe('a sample', () => {
  it.each(library().map((one) => [one.template, one.source, one.name, one] as const))(
    '%s %s %s is taken',
    async (template, source, name, { sample }) => {
      const phone = newPhone();
      const about = hasPhone(sample) ? ['--phone', phone] : [];
      const [result] = await trigger(template, source, name, '--no-wait', ...about);
      expect(result?.status).toBe(200);
      const { ends } = eventOf(sample, { id: result?.id ?? '', phone, now: Date.now() });
      for (const end of ends) expected.push({ about: `${template} ${source} ${name}`, ...end });
      latest = Math.max(latest, Date.now() + 40 * 24 * 3600_000);
    },
  );

  it('ends as it says, those of appointments when their time has come', async () => {
    const clock = await fetch(`${demo().url}/_local/clock`, {
      method: 'POST',
      body: JSON.stringify({ now: new Date(latest).toISOString() }),
    });
    expect(clock.status).toBe(200);
    const open = async () => {
      const sends = await ledger();
      return expected.filter(
        ({ key, state, reason }) =>
          !sends.some((one) => isSaid(key, one.key) && one.state === state && (reason ?? one.reason) === one.reason),
      );
    };
    await expect.poll(open, { interval: 500 }).toEqual([]);
  });
});
