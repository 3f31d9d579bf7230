import { expect, it } from 'vitest';
import { demoForAll, sandboxOf, untilIdle } from './demo.ts';
import { metaBody, metaUpdate, postLead, signedLead } from './leads.ts';

const demo = demoForAll();

/** `LEADS=1000`, as many as Meta puts into one batch, takes half a minute; `.ci/run` asks for it. */
const COUNT = Number(process.env.LEADS ?? 300);

it(`of ${COUNT} updates in one batch the good ones are messaged once each, the broken ones are visible, and Meta is answered in time`, async () => {
  const stack = demo();
  // The stand-in makes each lead's number of the last four digits of its id.
  const idOf = (i: number) => `145907674871${String(i).padStart(4, '0')}`;
  const broken = [
    null,
    'leadgen',
    { field: 'leadgen', value: 'text' },
    { field: 'leadgen', value: {} },
    { field: 'leadgen', value: { leadgen_id: { $ne: 1 } } },
    { field: 7, value: { leadgen_id: '1' } },
  ];
  const silent = [{ field: 'leadgen' }, { field: 'leadgen', value: null }, { field: 'feed', value: { item: 'post' } }];
  const good = Array.from({ length: COUNT - broken.length - silent.length }, (_, i) => metaUpdate(idOf(i)));
  const updates: unknown[] = [...good];
  for (const [i, odd] of [...broken, ...silent].entries()) updates.splice(Math.floor((i * COUNT) / 11), 0, odd);
  const body = metaBody(...updates);
  expect(body.entry).toHaveLength(COUNT);

  const startedAt = performance.now();
  const answer = await postLead(stack, 'meta', signedLead('meta', body));
  const took = performance.now() - startedAt;
  expect([answer.status, answer.body]).toEqual([
    200,
    { ok: true, queued: good.length + broken.length, skipped: silent.length },
  ]);
  expect(took).toBeLessThan(5000);
  // Meta sends a batch again whenever it likes.
  expect((await postLead(stack, 'meta', signedLead('meta', body))).status).toBe(200);

  const { requests } = sandboxOf(stack);
  const keys = async () => (await requests()).flatMap(({ method, key }) => (method === 'POST' && key ? [key] : []));
  await expect.poll(async () => new Set(await keys()).size, { timeout: 180_000, interval: 1000 }).toBe(good.length);
  await untilIdle(stack, 180_000);
  const posted = await keys();
  expect(posted).toHaveLength(good.length);
  expect([...posted].sort()).toEqual(good.map((_, i) => `lead:${idOf(i)}:first-touch`).sort());

  const parked = ((await stack.state()).tables.sends ?? []).filter(({ key, state }) => key && state !== 'ACCEPTED');
  expect(parked).toHaveLength(broken.length);
  for (const record of parked) expect(record).toMatchObject({ state: 'REJECTED', reason: 'unreadable_update' });
}, 400_000);
