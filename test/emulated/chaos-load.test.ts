import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { customOrder, expectCleanLogs, post, recordOf, sandboxOf, signed, startDemo } from './demo.ts';
import { rowsOfPeople, worldOf } from './inbound.ts';
import { customLead, type Person, person, postLead, signedLead } from './leads.ts';

/**
 * One of which nobody waits for a lease: processes die before their claim or where there is none. Where one dies or stands still with a claim
 * in its hands, in the CRM's function above all, the rest waits until that is free: 90 s for what customers write, 60 s and the queue's two
 * minutes for what is sent, and as often as it happens. So most others take a minute and a half to three; `CHAOS=7` is such a one.
 */
const QUICK = 2;
const SEED = Number(process.env.CHAOS ?? QUICK);
const ORDERS = 10;
const LEADS = 5;
const CUSTOMERS = 8;
/** Of another seed: the same owner of a claim may be killed three times. */
const PATIENCE_MS = 300_000;

let stack: LocalStack;
beforeAll(async () => {
  stack = await startDemo({ chaos: SEED, registersWebhook: true });
});
afterAll(async () => {
  expectCleanLogs(stack);
  await stack.stop();
});

const phoneOf = (i: number): string => `+97250123${String(7000 + i)}`;

/** As every shop does it: again, until it is taken. */
const until200 = async (send: () => Promise<{ readonly status: number }>): Promise<void> => {
  await expect.poll(async () => (await send().catch(() => ({ status: 0 }))).status, { interval: 500 }).toBe(200);
};

const customerWrites = async (i: number, text: string): Promise<string> =>
  (await worldOf(stack).customer({ phone: phoneOf(i), text })).id;

const isEnded = async (key: string): Promise<boolean> => {
  const record = await recordOf(stack, key);
  return record !== undefined && (record.parked === true || !['CLAIMED', 'HELD', 'UNKNOWN'].includes(record.state));
};

it(`with seed ${SEED} each event comes once or has a state with a name, and each word of a customer is in the CRM once`, async () => {
  const orders = Array.from({ length: ORDERS }, (_, i) => `chaos-${i}`);
  const leads = Array.from({ length: LEADS }, (_, i): Person => person({ id: `chaos-${i}` }));
  const stop = await customerWrites(0, 'STOP');
  const questions = Array.from({ length: CUSTOMERS }, (_, i) => customerWrites(i, `Question ${i}`));
  await Promise.all([
    ...orders.map((id, i) => {
      const order = customOrder(id, { customer: { name: 'Dana', phone: phoneOf(100 + i) } });
      return until200(() => post(stack, 'custom', signed('custom', order)));
    }),
    ...leads.map((lead) => until200(() => postLead(stack, 'custom', signedLead('custom', customLead(lead))))),
  ]);
  const said = [stop, ...(await Promise.all(questions))];
  const keys = [...orders.map((id) => `order:${id}:ready`), ...leads.map(({ id }) => `lead:${id}:first-touch`)];
  const open = async (): Promise<string[]> => {
    const ended = await Promise.all(keys.map(isEnded));
    return keys.filter((_, i) => !ended[i]);
  };
  await expect.poll(open, { timeout: PATIENCE_MS, interval: 1_000 }).toEqual([]);

  const messages = (await sandboxOf(stack).messages()).map(({ key }) => key);
  for (const key of keys) {
    const record = await recordOf(stack, key);
    const times = messages.filter((one) => one === key).length;
    if (record?.state === 'ACCEPTED') expect([key, times]).toEqual([key, 1]);
    else expect([record?.state, times <= 1]).toEqual([expect.stringMatching(/^(UNKNOWN|REJECTED|EXPIRED)$/), true]);
  }
  const entries = async () =>
    (await worldOf(stack).crm()).entries.flatMap(({ type, message }) =>
      type === 'message.inbound' ? [String(message.id)] : [],
    );
  await expect
    .poll(entries, { timeout: PATIENCE_MS, interval: 1_000 })
    .toEqual(expect.arrayContaining(said.map((id) => `${stack.lineId}:${id}`)));
  expect((await entries()).length).toBe(said.length);
  await expect
    .poll(() => rowsOfPeople(stack, [phoneOf(0)]), { timeout: PATIENCE_MS, interval: 1_000 })
    .toEqual(new Map([[phoneOf(0), expect.objectContaining({ pk: expect.stringContaining('suppressed#') })]]));

  const faults = stack.logs().flatMap(({ line }) => (line.includes('"event":"chaos"') ? [JSON.parse(line)] : []));
  expect(new Set(faults.map(({ port }) => port)).size).toBeGreaterThan(2);
  // Quick, and not for want of trouble: if calls are told otherwise one day, look for another seed.
  const kinds = faults.map(({ fault }) => fault);
  if (SEED === QUICK) {
    expect(kinds).toEqual(expect.arrayContaining(['refused-before', 'lost-after', 'twice', 'late']));
    expect(kinds.filter((one) => /^killed/.test(one)).length).toBeGreaterThan(0);
  }
}, 900_000);
