import { beforeAll, expect, it } from 'vitest';
import { anybody } from '../../cli/cost/anybody.ts';
import { idleOf, type Template, totalOf } from '../../cli/cost/idle.ts';
import { bothSynthesised } from '../../cli/cost/synthesised.ts';
import { TEMPLATE_NAMES, turnedOn } from '../../lib/client.ts';

/** The stack of a client with everything on, as `ezw cost` counts it. */
let everything: Template;
let watch: Template;
beforeAll(async () => {
  ({ client: everything, watch } = await bothSynthesised(anybody()));
});

const usd = (template: Template): number => totalOf(idleOf(template).services);

it('the idle month of a client with everything on is at most 2.00 USD', () => {
  expect(turnedOn(anybody()).map(([name]) => name)).toEqual(TEMPLATE_NAMES);
  expect(usd(everything)).toBeLessThanOrEqual(2);
});

it('of everything in a stack it is known what it costs without events: who adds a type says so in cli/cost/idle.ts', () => {
  expect(idleOf(everything).unpriced).toEqual([]);
});

it('whatever costs something without events makes a difference, and nothing else does', () => {
  const without = (id: string): Template => {
    const { [id]: _, ...Resources } = everything.Resources;
    return { Resources };
  };
  const costly = ['AWS::Lambda::EventSourceMapping', 'AWS::Scheduler::Schedule', 'AWS::SecretsManager::Secret'];
  const counted = Object.entries(everything.Resources).filter(([, { Type }]) => costly.includes(Type));
  expect(counted.length).toBeGreaterThan(TEMPLATE_NAMES.length + 3);
  expect(counted.filter(([id]) => usd(without(id)) > usd(everything) - 0.000_01)).toEqual([]);
  // What is asked for a queue that is not there is not known.
  const others = Object.entries(everything.Resources).filter(
    ([, { Type }]) => ![...costly, 'AWS::SQS::Queue'].includes(Type),
  );
  expect(others.filter(([id]) => Math.abs(usd(without(id)) - usd(everything)) > 1e-9)).toEqual([]);
});

it('a template is counted once: a further one adds what asks its queue', async () => {
  const [{ client: one }, { client: two }] = await Promise.all([
    bothSynthesised(anybody(1)),
    bothSynthesised(anybody(2)),
  ]);
  expect(turnedOn(anybody(2)).map(([name]) => name)).toEqual(TEMPLATE_NAMES.slice(0, 2));
  const feeds = ({ Resources }: Template): number =>
    Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping').length;
  expect(feeds(two) - feeds(one)).toBe(1);
  expect(usd(two) - usd(one)).toBeCloseTo(5 * 129_600 * 0.4e-6, 3);
});

it('what watches all clients is known whole: the alarm on itself, and a look every five minutes', () => {
  const { services, unpriced } = idleOf(watch);
  expect(unpriced).toEqual([]);
  expect(services.CloudWatch).toBeCloseTo(0.2);
  expect(services.Lambda).toBeCloseTo(8640 * (0.2e-6 + 0.5 * 10 * 0.0000133334), 4);
  expect(usd(watch)).toBeLessThan(1);
});

it('a dashboard, where somebody wants one, is three dollars more', async () => {
  const { watch: shown } = await bothSynthesised(anybody(1), true);
  expect(idleOf(shown).unpriced).toEqual([]);
  expect(usd(shown) - usd(watch)).toBeCloseTo(3, 6);
});
