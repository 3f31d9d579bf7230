import { describe, expect, it } from 'vitest';
import { type Call, chaosPlan, counted, MOST, type Port } from '../../local/chaos/plan.ts';

const call = (about: string, over: Partial<Call> = {}): Call => ({
  port: 'dynamodb',
  operation: 'PutItem',
  about,
  nth: 0,
  ...over,
});
const abouts = Array.from({ length: 2000 }, (_, i) => `row-${i}`);

describe('the plan of what goes wrong', () => {
  it('meets the same call with the same, whatever was called before it', () => {
    const blows = abouts.map((about) => chaosPlan(7)(call(about)));
    const again = chaosPlan(7);
    const backwards = [...abouts].reverse().map((about) => again(call(about)));
    expect(backwards.reverse()).toEqual(blows);
    expect(blows.filter(Boolean).length).toBeGreaterThan(0);
  });

  it('is another one for another seed', () => {
    const of = (seed: number) => abouts.map((about) => chaosPlan(seed, 1)(call(about)));
    expect(of(1)).not.toEqual(of(2));
  });

  it('leaves alone what was called often', () => {
    const plan = chaosPlan(1, 10);
    expect(abouts.filter((about) => plan(call(about, { nth: MOST - 1 })))).not.toEqual([]);
    expect(abouts.filter((about) => plan(call(about, { nth: MOST })))).toEqual([]);
  });

  it('has every fault of a port, as often as its rate says', () => {
    const of = (port: Port) => abouts.flatMap((about) => chaosPlan(1, 1)(call(about, { port })) ?? []);
    const faults = new Set([...of('dynamodb'), ...of('api')].map(({ fault }) => fault));
    expect([...faults].sort()).toEqual([
      'frozen',
      'killed-after',
      'killed-before',
      'late',
      'lost-after',
      'lost-before',
      'refused-after',
      'refused-before',
    ]);
    expect(new Set(of('queue').map(({ fault }) => fault))).toEqual(new Set(['twice', 'late', 'cut']));
    expect(of('dynamodb').length / abouts.length).toBeCloseTo(0.074, 1);
    for (const { tries, strength } of of('api')) {
      expect([1, 2, 3]).toContain(tries);
      expect(strength).toBeGreaterThanOrEqual(0);
      expect(strength).toBeLessThan(1);
    }
  });

  it('counts each call by itself', () => {
    const asked: Call[] = [];
    const strike = counted((one) => void asked.push(one) as undefined);
    strike('sqs', 'SendMessage', 'a');
    strike('sqs', 'SendMessage', 'b');
    strike('sqs', 'SendMessage', 'a');
    expect(asked.map(({ about, nth }) => [about, nth])).toEqual([
      ['a', 0],
      ['b', 0],
      ['a', 1],
    ]);
  });
});
