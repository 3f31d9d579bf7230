import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { FIELDS } from '../../functions/shared/runtime/log.ts';
import { queryOf, WIDGETS, type Widget } from '../../lib/dashboard.ts';
import { customOrder, demoForAll, post, sandboxOf, signed, untilIdle, untilState } from './demo.ts';
import { ezw } from './ezw.ts';
import { webhookUrl } from './inbound.ts';

type Line = Readonly<Record<string, unknown>>;

const demo = demoForAll();

/** The filter of a widget in JavaScript: of Logs Insights' words no others are used there. */
const matches = ({ filter }: Widget, line: Line): boolean => {
  const script = filter
    .replaceAll(/ispresent\((\w+)\)/g, '$1 !== undefined')
    .replaceAll(/(\w+) in (\[[^\]]*\])/g, '$2.includes($1)')
    .replaceAll(/(\w+) like (\/[^/]*\/)/g, '$2.test($1)')
    .replaceAll(/ = /g, ' === ')
    .replaceAll(' and ', ' && ')
    .replaceAll(' or ', ' || ');
  const absent = Object.fromEntries(['level', ...FIELDS].map((name) => [name, undefined]));
  return runInNewContext(script, { ...absent, ...line }) as boolean;
};

/** The fields that it counts by. */
const groupsOf = (widget: Widget): readonly string[] => {
  const query = queryOf(widget);
  const [, by = ''] = / by client, (?:day, )?((?!day)[\w, ]+)/.exec(query) ?? [];
  const measured = [...query.matchAll(/(?:pct|count_distinct)\((\w+)/g)].map(([, name = '']) => name);
  return [...(by === '' ? ['state'] : by.split(', ')), ...measured];
};

const order = async (id: string, phone: string, current?: string) => {
  const request = signed(
    'custom',
    customOrder(id, { customer: { name: 'Dana', phone } }),
    current === undefined ? undefined : { current },
  );
  return (await post(demo(), 'custom', request)).status;
};

/** A message of each kind, a request that is refused, and what makes an error. */
const happenings = async (): Promise<void> => {
  expect((await ezw(['webhook', 'register', 'demo', '--local', demo().url])).code).toBe(0);
  const sandbox = sandboxOf(demo());
  await order('board-1', '+972501230001');
  await untilState(demo(), 'order:board-1:ready', 'ACCEPTED');
  await expect
    .poll(
      () =>
        demo()
          .logs()
          .some(({ line }) => line.includes('"state":"delivered"')),
      { timeout: 30_000 },
    )
    .toBe(true);
  await sandbox.fault('text', { kind: 'status', status: 400 });
  await order('board-2', '+972501230002');
  await untilState(demo(), 'order:board-2:ready', 'REJECTED');
  expect(await order('board-3', '+972501230003', `whsec_${'b'.repeat(44)}`)).toBe(401);
  // The same order for somebody else.
  await order('board-1', '+972501230004');
  await untilIdle(demo());
  const refusedDelivery = await fetch(webhookUrl(demo(), `not-the-token`), { method: 'POST', body: '{}' });
  expect(refusedDelivery.status).toBeGreaterThanOrEqual(400);
  expect((await ezw(['line', 'pause', 'demo', '--local', demo().url])).code).toBe(0);
  await order('board-5', '+972501230005');
  await untilState(demo(), 'order:board-5:ready', 'HELD');
};

it('no widget is empty by mistake: real lines pass each filter and have what it counts by', async () => {
  await happenings();
  const lines = () =>
    demo()
      .logs()
      .map(({ line }) => JSON.parse(line) as Line);
  // What a function did is known before its last line is read.
  await expect
    .poll(() => WIDGETS.filter((widget) => !lines().some((line) => matches(widget, line))).map(({ title }) => title))
    .toEqual([]);
  for (const widget of WIDGETS) {
    const found = lines().filter((line) => matches(widget, line));
    expect([widget.title, found.length > 0, found.length < lines().length]).toEqual([widget.title, true, true]);
    const missing = groupsOf(widget).filter((name) => !found.some((line) => line[name] !== undefined));
    expect([widget.title, missing]).toEqual([widget.title, []]);
  }
});
