import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Check, type Diagnosed, foundBy, type Sight } from '../../cli/doctor/check.ts';
import { deadLetters } from '../../cli/doctor/checks/letters.ts';
import { failing as apiFails, line, trouble } from '../../cli/doctor/checks/line.ts';
import { failingAfter } from '../../functions/sender/line-failures.ts';
import type { Outcome } from '../../functions/sender/workflow.ts';
import type { Health } from '../../functions/shared/ezwhatsapp/line-api.ts';
import type { Control, Failing } from '../../functions/shared/ledger/line-control.ts';
import { causesIn, type Looked } from '../../watch/causes.ts';
import { decide, type Remembered, toldIn } from '../../watch/decide.ts';
import { dueOf, openPairs } from '../../watch/due.ts';
import type { Memory } from '../../watch/memory.ts';
import { Patience } from '../../watch/patience.ts';
import { Watcher } from '../../watch/watcher.ts';
import { type Message, messagesOf } from '../../watch/words.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-28T09:00:00Z');

const check = (over: Partial<Check> = {}): Check => ({
  id: 'dead-letters',
  about: 'dead letters',
  look: () => [],
  watched: {},
  ...over,
});

type Finds = Partial<Omit<Diagnosed, 'check'>>;
const bad = (over: Finds = {}): Finds => ({
  level: 'bad',
  about: 'sends-dlq',
  found: '1',
  todo: 'npx ezw dlq',
  ...over,
});

const lookedAt = (client: string, findings: readonly Finds[], of = check()): Looked => ({
  client,
  checks: [
    {
      check: of,
      findings: findings.map((one) => ({ check: of.id, level: 'good', about: of.about, found: 'well', ...one })),
    },
  ],
});

/** A memory, and what was told of looks one after the other. */
class Desk {
  rows: readonly Remembered[] = [];

  look(at: number, ...all: readonly Looked[]): readonly Message[] {
    const clients = new Set(all.map(({ client }) => client));
    const { tellings, kept, forgotten } = decide(this.rows, causesIn(all, toldIn(this.rows)), clients, at);
    const changed = [...kept, ...tellings.map(({ row }) => row)];
    const untouched = this.rows.filter(
      ({ key }) => !forgotten.includes(key) && !changed.some((row) => row.key === key),
    );
    this.rows = [...untouched, ...changed];
    return messagesOf(tellings);
  }

  subjects(at: number, ...all: readonly Looked[]): readonly string[] {
    return this.look(at, ...all).map(({ subject }) => subject);
  }

  /** Looks every five minutes. */
  run(from: number, to: number, ...all: readonly Looked[]): readonly string[] {
    const subjects: string[] = [];
    for (let at = from; at < to; at += 5 * MINUTE) subjects.push(...this.subjects(at, ...all));
    return subjects;
  }
}

describe('a cause', () => {
  it('is told once, with what to do, and told well once it was gone in two looks', () => {
    const desk = new Desk();
    const [first, ...none] = desk.look(START, lookedAt('bakery', [bad()]));
    expect(none).toEqual([]);
    expect(first).toMatchObject({ subject: 'Ezw bakery: sends-dlq', clients: ['bakery'] });
    expect(first?.text).toMatch(/^bakery: sends-dlq\n1\nSince 2026-11-28 09:00 UTC\.\nWhat to do: npx ezw dlq\n/);
    expect(desk.run(START + 5 * MINUTE, START + 12 * HOUR, lookedAt('bakery', [bad()]))).toEqual([]);
    const after = START + 12 * HOUR;
    expect(desk.subjects(after, lookedAt('bakery', []))).toEqual([]);
    expect(desk.subjects(after + 5 * MINUTE, lookedAt('bakery', []))).toEqual([]);
    const [well] = desk.look(after + 10 * MINUTE, lookedAt('bakery', []));
    expect(well?.subject).toBe('Ezw well again: bakery: sends-dlq');
    expect(well?.text).toContain('It stood for 12 hours, since 2026-11-28 09:00 UTC.');
    expect(desk.run(after + 15 * MINUTE, after + 12 * HOUR, lookedAt('bakery', []))).toEqual([]);
    expect(desk.rows).toEqual([]);
  });

  it('that still stands is told again after a day, three days, a week, and week by week', () => {
    const desk = new Desk();
    const told: number[] = [];
    for (let at = START; at < START + 23 * DAY; at += HOUR)
      if (desk.subjects(at, lookedAt('bakery', [bad()])).length > 0) told.push((at - START) / DAY);
    expect(told).toEqual([0, 1, 3, 7, 14, 21]);
  });

  it('is told only when it has stood for its time, without a break', () => {
    const slow = check({ id: 'line', about: 'line', watched: { after: 10 } });
    const off = lookedAt('bakery', [bad({ about: 'line' })], slow);
    const on = lookedAt('bakery', [], slow);
    const desk = new Desk();
    // It comes and goes every five minutes: nobody is woken.
    for (let i = 0; i < 50; i += 1) expect(desk.subjects(START + i * 5 * MINUTE, i % 2 ? on : off)).toEqual([]);
    expect(desk.subjects(START + 251 * MINUTE, off)).toEqual([]);
    expect(desk.subjects(START + 256 * MINUTE, off)).toEqual([]);
    expect(desk.subjects(START + 261 * MINUTE, off)).toEqual(['Ezw bakery: line']);
  });

  it('that is there in two looks of three is told all the same', () => {
    const slow = check({ id: 'line', about: 'line', watched: { after: 10 } });
    const [off, on] = [lookedAt('bakery', [bad({ about: 'line' })], slow), lookedAt('bakery', [], slow)];
    const desk = new Desk();
    const looks = [off, off, on, off, off, on].map((one, i) => desk.subjects(START + i * 5 * MINUTE, one));
    expect(looks.flat()).toEqual(['Ezw bakery: line']);
  });

  it('that is away half of the time is told within two hours where its check says so, and a single blip is not', () => {
    const line = (over: object) => check({ id: 'line', about: 'line', watched: { after: 10, ...over } });
    const halfAway = (of: Check) => {
      const desk = new Desk();
      const [off, on] = [lookedAt('bakery', [bad({ about: 'line' })], of), lookedAt('bakery', [], of)];
      return Array.from({ length: 24 }, (_, i) => desk.look(START + i * 5 * MINUTE, i % 4 < 2 ? off : on)).flat();
    };
    const [told, ...none] = halfAway(line({ wavers: true }));
    expect([told?.subject, none]).toEqual(['Ezw bakery: line', []]);
    expect(told?.text).toContain('Since 2026-11-28 09:00 UTC, on and off.');
    expect(halfAway(line({}))).toEqual([]);
    const desk = new Desk();
    const [off, on] = [true, false].map((is) => lookedAt('bakery', is ? [bad()] : [], line({ wavers: true })));
    for (let i = 0; i < 48; i += 1)
      expect(desk.subjects(START + i * 5 * MINUTE, (i % 12 ? on : off) as Looked)).toEqual([]);
    expect(desk.rows).toEqual([]);
  });

  it.each([
    [15, 1],
    [20, 1],
    [25, 1],
    [40, 1],
    [60, 1],
    [90, 10],
    [120, 8],
  ])(
    'that is away for %i minutes and there for as many is told again, hours later at most, and well %i times in two days',
    (minutes, wells) => {
      const of = check({ id: 'line', about: 'line', watched: { after: 10, every: 10, wavers: true } });
      const [off, on] = [lookedAt('bakery', [bad({ about: 'line' })], of), lookedAt('bakery', [], of)];
      const desk = new Desk();
      const all: string[] = [];
      let [well, longest] = [0, 0];
      for (let at = START; at < START + 2 * DAY; at += 5 * MINUTE) {
        const isOff = Math.floor((at - START) / (minutes * MINUTE)) % 2 === 0;
        const isDue = dueOf([of], 'bakery', openPairs(desk.rows), at).length > 0;
        all.push(...desk.subjects(at, isDue ? (isOff ? off : on) : { client: 'bakery', checks: [] }));
        well = toldIn(desk.rows).length > 0 ? 0 : well + 5 * MINUTE;
        longest = Math.max(longest, well);
      }
      expect(longest).toBeLessThanOrEqual(5 * HOUR);
      expect(all.filter((subject) => subject.includes('well again'))).toHaveLength(wells);
    },
  );

  it('that comes and goes is told well once it was away for an hour', () => {
    const of = check({ id: 'line', about: 'line', watched: { after: 10, wavers: true } });
    const [off, on] = [lookedAt('bakery', [bad()], of), lookedAt('bakery', [], of)];
    const desk = new Desk();
    for (let i = 0; i < 24; i += 1) desk.look(START + i * 5 * MINUTE, i % 4 < 2 ? off : on);
    const after = START + 24 * 5 * MINUTE;
    expect(desk.run(after, after + 50 * MINUTE, on)).toEqual([]);
    expect(desk.run(after + 50 * MINUTE, after + 55 * MINUTE, on)).toEqual(['Ezw well again: bakery: sends-dlq']);
  });

  it('that was away for a moment, and some looks later for good, is told as soon as ever', () => {
    const of = check({ id: 'line', about: 'line', watched: { after: 10, wavers: true } });
    const [off, on] = [lookedAt('bakery', [bad()], of), lookedAt('bakery', [], of)];
    const desk = new Desk();
    const looks = [off, on, on, off, off, off].map((one, i) => desk.subjects(START + i * 5 * MINUTE, one));
    expect(looks).toEqual([[], [], [], [], [], ['Ezw bakery: sends-dlq']]);
  });

  it('that becomes another matter, with something else to do, is told anew, once it has been so for its time', () => {
    const slow = check({ id: 'line', about: 'line', watched: { after: 10 } });
    const line = (found: string, todo: string) => lookedAt('bakery', [bad({ about: 'line', found, todo })], slow);
    const [qr, token] = [line('needs its QR code', 'scan it'), line('health_401', 'token rotate')];
    const desk = new Desk();
    expect(desk.run(START, START + 2 * HOUR, qr)).toEqual(['Ezw bakery: line']);
    expect(desk.run(START + 2 * HOUR, START + 130 * MINUTE, token)).toEqual([]);
    const [other] = desk.look(START + 130 * MINUTE, token);
    expect(other?.subject).toBe('Ezw otherwise now: bakery: line');
    expect(other?.text).toContain('What to do: token rotate');
    expect(desk.run(START + 135 * MINUTE, START + 20 * HOUR, token)).toEqual([]);
    // What is now this and now that is told later each time.
    const told: string[] = [];
    for (let i = 0; i < 96; i += 1)
      told.push(
        ...desk.run(START + 20 * HOUR + i * 15 * MINUTE, START + 20 * HOUR + (i + 1) * 15 * MINUTE, i % 2 ? token : qr),
      );
    expect(told.filter((subject) => subject.includes('otherwise')).length).toBeLessThan(3);
  });

  it('of which each is a matter of its own, as a dead letter, is told with one more, and later each time', () => {
    const each = check({ watched: { each: true } });
    const desk = new Desk();
    const letters = (size: number) => lookedAt('bakery', [bad({ size })], each);
    expect(desk.subjects(START, letters(10))).toHaveLength(1);
    expect(desk.run(START + 5 * MINUTE, START + HOUR, letters(11))).toEqual([]);
    expect(desk.subjects(START + HOUR, letters(11))).toEqual(['Ezw more of it: bakery: sends-dlq']);
    const told: number[] = [];
    for (let i = 1; i < 20 * 12; i += 1)
      if (desk.subjects(START + HOUR + i * 5 * MINUTE, letters(11 + Math.ceil(i / 36))).length > 0) told.push(i / 12);
    expect(told).toEqual([2, 6, 14]);
  });

  it('some of which somebody holds for a while, as dead letters that are looked at, is no more of it once they are back', async () => {
    const desk = new Desk();
    const letters = async (ready: number, held: number): Promise<Looked> => {
      const Attributes = {
        ApproximateNumberOfMessages: String(ready),
        ApproximateNumberOfMessagesNotVisible: String(held),
      };
      const target = {
        client: { name: 'bakery' },
        queues: { 'sends-dlq': '' },
        sqs: { send: async () => ({ Attributes }) },
      };
      const findings = await foundBy(deadLetters, { target } as unknown as Sight);
      return { client: 'bakery', checks: [{ check: deadLetters, findings }] };
    };
    const [all, some] = [await letters(6, 0), await letters(3, 3)];
    expect(desk.subjects(START, all)).toHaveLength(1);
    expect(desk.subjects(START + 90 * MINUTE, some)).toEqual([]);
    expect(desk.run(START + 95 * MINUTE, START + 5 * HOUR, all)).toEqual([]);
    // Three were redriven, and one is new.
    expect(desk.subjects(START + 5 * HOUR, await letters(3, 0))).toEqual([]);
    expect(desk.subjects(START + 5 * HOUR, await letters(4, 0))).toEqual(['Ezw more of it: bakery: sends-dlq']);
    // What was held when it was told is no more of it either.
    const other = new Desk();
    expect(other.subjects(START, some)).toHaveLength(1);
    expect(other.run(START + 5 * MINUTE, START + 5 * HOUR, all)).toEqual([]);
  });

  it('of which reminders were missed is told of once', () => {
    const desk = new Desk();
    desk.look(START, lookedAt('bakery', [bad()]));
    const after = START + 12 * DAY;
    expect(desk.run(after, after + HOUR, lookedAt('bakery', [bad()]))).toEqual(['Ezw still: bakery: sends-dlq']);
  });

  it('that comes back soon is told as such, and later each time', () => {
    const desk = new Desk();
    const [off, on] = [lookedAt('bakery', [bad()]), lookedAt('bakery', [])];
    const delays: number[] = [];
    let at = START;
    for (let round = 0; round < 7; round += 1) {
      const began = at;
      while (desk.subjects(at, off).length === 0) at += 5 * MINUTE;
      delays.push((at - began) / MINUTE);
      while (desk.subjects(at, on).length === 0) at += 5 * MINUTE;
      at += HOUR;
    }
    expect(delays).toEqual([0, 20, 40, 80, 160, 240, 240]);
    // Long after that it is news again.
    desk.run(at, at + 7 * HOUR, on);
    expect(desk.subjects(at + 8 * HOUR, off)).toEqual(['Ezw bakery: sends-dlq']);
  });

  it('of which each is a matter of its own is told after an hour at most, however often they were mended', () => {
    const each = check({ watched: { each: true } });
    const [some, none] = [lookedAt('bakery', [bad({ size: 1 })], each), lookedAt('bakery', [], each)];
    const desk = new Desk();
    const delays: number[] = [];
    let at = START;
    for (let round = 0; round < 7; round += 1) {
      const began = at;
      while (desk.subjects(at, some).length === 0) at += 5 * MINUTE;
      delays.push((at - began) / MINUTE);
      desk.run(at + 20 * MINUTE, at + 80 * MINUTE, none);
      at += 80 * MINUTE;
    }
    expect(delays).toEqual([0, 20, 40, 60, 60, 60, 60]);
  });

  it('that has become twice as much is told again, once an hour at most', () => {
    const desk = new Desk();
    const letters = (size: number) => lookedAt('bakery', [bad({ size, found: String(size) })]);
    expect(desk.subjects(START, letters(1))).toHaveLength(1);
    expect(desk.run(START + 5 * MINUTE, START + HOUR, letters(50))).toEqual([]);
    expect(desk.subjects(START + HOUR, letters(50))).toEqual(['Ezw more of it: bakery: sends-dlq']);
    expect(desk.run(START + 2 * HOUR, START + 3 * HOUR, letters(99))).toEqual([]);
    // Much less, and then as much again, is more of it.
    desk.look(START + 3 * HOUR, letters(2));
    expect(desk.subjects(START + 4 * HOUR, letters(40))).toEqual(['Ezw more of it: bakery: sends-dlq']);
  });

  it('that nobody could look at is neither told well nor told anew', () => {
    const desk = new Desk();
    desk.look(START, lookedAt('bakery', [bad()]));
    const blind = lookedAt('bakery', [bad({ about: 'dead letters', isUnknown: true })]);
    expect(desk.run(START + 5 * MINUTE, START + 30 * MINUTE, blind)).toEqual([]);
    expect(desk.subjects(START + 35 * MINUTE, blind)).toEqual(['Ezw bakery: what cannot be looked at']);
    expect(desk.run(START + 40 * MINUTE, START + 2 * HOUR, blind)).toEqual([]);
    // It can be looked at again, and stands as before.
    expect(desk.run(START + 2 * HOUR, START + 3 * HOUR, lookedAt('bakery', [bad()]))).toEqual([
      'Ezw well again: bakery: what cannot be looked at',
    ]);
  });

  it('that may be there or not, as letters that somebody looks at, is neither told nor told well', () => {
    const unsure = lookedAt(
      'bakery',
      [bad({ level: 'warning', isUnsure: true })],
      check({ watched: { alsoWarnings: true } }),
    );
    const desk = new Desk();
    expect(desk.run(START, START + 2 * HOUR, unsure)).toEqual([]);
    expect(desk.subjects(START + 2 * HOUR, lookedAt('bakery', [bad()]))).toHaveLength(1);
    expect(desk.run(START + 3 * HOUR, START + 5 * HOUR, unsure)).toEqual([]);
    expect(desk.rows).toHaveLength(1);
  });

  it('of a stack that is removed is forgotten without a word', () => {
    const desk = new Desk();
    desk.look(START, lookedAt('bakery', [bad()]), lookedAt('florist', []));
    expect(desk.run(START + 5 * MINUTE, START + DAY, lookedAt('florist', []))).toEqual([]);
    expect(desk.rows).toEqual([]);
  });

  it('that is a warning is told only of checks that say so', () => {
    const warning = bad({ level: 'warning' });
    expect(new Desk().subjects(START, lookedAt('bakery', [warning]))).toEqual([]);
    const telling = check({ watched: { alsoWarnings: true } });
    expect(new Desk().subjects(START, lookedAt('bakery', [warning], telling))).toHaveLength(1);
  });
});

describe('what many clients have at once', () => {
  const names = Array.from({ length: 200 }, (_, i) => `client-${i}`);

  it('an outage of EZWhatsApp is one message for 200 clients, and one when it is over', () => {
    const line = check({ id: 'line', about: 'line', watched: { after: 10 } });
    const outage = bad({ about: 'line', found: 'health_503', outage: 'EZWhatsApp at app.ezw.example' });
    const desk = new Desk();
    const down = names.map((name) => lookedAt(name, [outage], line));
    const told = [0, 5, 10, 15, 600].flatMap((minutes) => desk.look(START + minutes * MINUTE, ...down));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ subject: 'Ezw 200 clients: EZWhatsApp at app.ezw.example' });
    // Everybody hears of it, also whom it has not failed yet.
    expect(told[0]?.clients).toEqual(['*']);
    expect(told[0]?.text.length).toBeLessThan(1_000);
    const up = names.map((name) => lookedAt(name, [], line));
    expect(desk.run(START + 605 * MINUTE, START + 900 * MINUTE, ...up)).toEqual([
      'Ezw well again: 200 clients: EZWhatsApp at app.ezw.example',
    ]);
  });

  it('an outage is not over as long as one whom it failed cannot be looked at', () => {
    const line = check({ id: 'line', about: 'line' });
    const outage = bad({ about: 'line', outage: 'EZWhatsApp at app.ezw.example' });
    const desk = new Desk();
    desk.look(START, lookedAt('a', [outage], line), lookedAt('b', [outage], line));
    const blind = lookedAt('b', [bad({ about: 'line', isUnknown: true })], line);
    expect(desk.run(START + 5 * MINUTE, START + 25 * MINUTE, lookedAt('a', [], line), blind)).toEqual([]);
    const up = [lookedAt('a', [], line), lookedAt('b', [], line)];
    expect(desk.run(START + 25 * MINUTE, START + HOUR, ...up)).toEqual([
      'Ezw well again: a, b: EZWhatsApp at app.ezw.example',
    ]);
  });

  describe('of POSTs that fail, which one client may have for reasons of its own,', () => {
    const posts = check({ id: 'api-fails', about: 'what may leave', watched: { after: 10 } });
    const sign = bad({ about: 'what may leave', outage: 'EZWhatsApp at app.ezw.example', isSign: true });
    const fails = (client: string) => lookedAt(client, [sign], posts);
    const well = (client: string) => lookedAt(client, [], posts);
    const all = 'EZWhatsApp at app.ezw.example';

    it('one of several clients hears of its own, and two are an outage of all', () => {
      expect(new Desk().run(START, START + HOUR, fails('a'), well('b'))).toEqual(['Ezw a: what may leave']);
      const desk = new Desk();
      const [told, ...none] = [0, 5, 10, 15].flatMap((at) => desk.look(START + at * MINUTE, fails('a'), fails('b')));
      expect([told?.subject, told?.clients, none]).toEqual([`Ezw a, b: ${all}`, ['*'], []]);
    });

    it('the only client there is stands for all', () => {
      expect(new Desk().run(START, START + HOUR, fails('a'))).toEqual([`Ezw a: ${all}`]);
    });

    it('what one client was told is not well while it is hidden by an outage, which lasts until the last one is well', () => {
      const desk = new Desk();
      desk.run(START, START + HOUR, fails('a'), well('b'));
      expect(desk.run(START + HOUR, START + 2 * HOUR, fails('a'), fails('b'))).toEqual([`Ezw a, b: ${all}`]);
      expect(desk.run(START + 2 * HOUR, START + 3 * HOUR, well('a'), fails('b'))).toEqual([
        'Ezw well again: a: what may leave',
      ]);
      expect(desk.run(START + 3 * HOUR, START + 4 * HOUR, well('a'), well('b'))).toEqual([`Ezw well again: b: ${all}`]);
    });

    it('beside a line whose health says so each has its own end', () => {
      const line = check({ id: 'line', about: 'line' });
      const health = bad({ about: 'line', outage: all });
      const both = (isDown: boolean): Looked => ({
        client: 'a',
        checks: [...lookedAt('a', isDown ? [health] : [], line).checks, ...fails('a').checks],
      });
      const desk = new Desk();
      expect(desk.run(START, START + HOUR, both(true))).toHaveLength(2);
      expect(desk.run(START + HOUR, START + 2 * HOUR, both(false))).toEqual([`Ezw well again: a: ${all}`]);
    });
  });

  it('a client that cannot be looked at is told, whoever else cannot be either', () => {
    const blind = (client: string) => lookedAt(client, [bad({ about: 'dead letters', isUnknown: true })]);
    const desk = new Desk();
    expect(desk.run(START, START + HOUR, blind('a'), lookedAt('b', []))).toEqual(['Ezw a: what cannot be looked at']);
    expect(desk.run(START + HOUR, START + 2 * HOUR, blind('a'), blind('b'))).toEqual([
      'Ezw b: what cannot be looked at',
    ]);
  });

  it('that is no outage, but the same, is one message too, with each client’s own words', () => {
    const [message, ...none] = new Desk().look(START, ...names.slice(0, 5).map((name) => lookedAt(name, [bad()])));
    expect(none).toEqual([]);
    expect(message?.subject).toBe('Ezw 5 clients: sends-dlq');
    for (const name of names.slice(0, 5)) expect(message?.text).toContain(`${name}: sends-dlq`);
  });

  it('no message is longer than SNS takes, whatever happens to all', () => {
    const long = bad({ found: 'x'.repeat(600) });
    const messages = new Desk().look(START, ...names.map((name) => lookedAt(name, [long])));
    expect(messages.length).toBeLessThanOrEqual(2);
    for (const { text, subject } of messages) {
      expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
      expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
    }
  });
});

it('a subject is what a mail can have, whatever the cause is called', () => {
  const [message] = new Desk().look(START, lookedAt('bakery', [bad({ about: `מאפייה\n${'long '.repeat(40)}` })]));
  expect(message?.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
});

describe('what is due', () => {
  const hourly = check({ id: 'secrets', watched: { every: 60 } });
  const each = check();
  const doctorOnly: Check = { id: 'decisions', about: 'decisions', look: () => [] };
  const all = [hourly, each, doctorOnly];

  it('is looked at as often as its check says, and what the doctor alone asks never', () => {
    const runs = Array.from({ length: 24 }, (_, i) => dueOf(all, 'bakery', new Set(), START + i * 5 * MINUTE));
    const times = (one: Check) => runs.filter((due) => due.includes(one)).length;
    expect([hourly, each, doctorOnly].map(times)).toEqual([2, 24, 0]);
  });

  it('is looked at in every run while it stands, so that "well again" does not take hours', () => {
    const desk = new Desk();
    desk.look(START, lookedAt('bakery', [bad()], hourly));
    const open = openPairs(desk.rows);
    for (let i = 0; i < 12; i += 1) {
      expect(dueOf(all, 'bakery', open, START + i * 5 * MINUTE)).toContain(hourly);
    }
  });
});

it('a client of which something cannot be looked at is looked at as a whole, so that it is not told well between two looks at that', () => {
  const hourly = check({ id: 'secrets', watched: { every: 60 } });
  const desk = new Desk();
  const subjects: string[] = [];
  for (let at = START; at < START + 3 * HOUR; at += 5 * MINUTE) {
    const due = dueOf([hourly, check()], 'bakery', openPairs(desk.rows), at);
    const checks = due.map((one) => ({
      check: one,
      findings:
        one === hourly
          ? [{ check: 'secrets', level: 'bad' as const, about: 'x', found: '', isUnknown: true as const }]
          : [],
    }));
    subjects.push(...desk.subjects(at, { client: 'bakery', checks }));
  }
  expect(subjects).toEqual(['Ezw bakery: what cannot be looked at']);
});

it('what cannot be looked at on this machine is asked for at its address', () => {
  const [looked] = [lookedAt('demo', [bad({ isUnknown: true })])].map((one) => ({
    ...one,
    url: 'http://127.0.0.1:4555',
  }));
  const { causes } = causesIn([looked as Looked]);
  expect(causes[0]?.todo).toMatch(/^npx ezw doctor demo --local http:\/\/127\.0\.0\.1:4555\n/);
});

describe('whether EZWhatsApp fails on what is sent', () => {
  const [posts, target] = [
    { count: 4, at: START - 10 * MINUTE, status: 503 },
    {
      client: { name: 'bakery', sender: { hold: { from: 30, to: 900 } } },
      ezwUrl: 'https://app.ezw.example',
      where: 'aws',
      queues: {},
      sqs: { send: async () => ({ Attributes: { ApproximateNumberOfMessages: '2' } }) },
    },
  ];
  const sight = (control: Control, health: Health = { sendable: true }) =>
    ({ target, now: START, health: async () => health, control: async () => control }) as unknown as Sight;
  const found = async (control: Control, health?: Health) => foundBy(apiFails, sight(control, health));

  it('is known of several that failed just now: of others it may be an outage', async () => {
    expect(await found({ failing: { times: 3, posts } })).toMatchObject([
      {
        level: 'bad',
        outage: 'EZWhatsApp at app.ezw.example',
        isSign: true,
        found: expect.stringContaining('failed 4 times in a row on what was sent last (503)'),
      },
    ]);
  });

  it.each<[string, Control]>([
    ['what failed long ago', { failing: { times: 3, posts: { ...posts, at: START - 30 * MINUTE } } }],
    ['one alone that failed', { failing: { times: 1, posts: { ...posts, count: 1 } } }],
    ['a line that was not well when it was asked', { failing: { times: 3 } }],
  ])('nothing is said of %s', async (_, control) => {
    expect(await found(control)).toEqual([]);
  });

  it.each<[string, Partial<Control>]>([
    ['paused', { paused: { by: 'ops', at: START } }],
    ['in trouble', { trouble: { kind: 'banned', at: START } }],
  ])('is unsure of a line that is %s, and soon forgotten', async (_, held) => {
    expect(await found({ failing: { times: 3, posts }, ...held })).toMatchObject([
      { level: 'warning', isUnsure: true },
    ]);
    const old = { ...posts, at: START - DAY };
    expect(await found({ failing: { times: 3, posts: old }, ...held })).toEqual([]);
  });

  it('is no outage where EZWhatsApp refuses the account, and unsure where the line is not well now', async () => {
    const [payment] = await found({ failing: { times: 3, posts: { ...posts, status: 402 } } });
    expect(payment).not.toHaveProperty('outage');
    expect(await found({ failing: { times: 3, posts } }, { sendable: false, problem: 'health_503' })).toMatchObject([
      { isUnsure: true },
    ]);
  });

  it('counts POSTs in a row to a line that was well', () => {
    const settlement = { state: 'HELD', attempts: 1, response: { status: 503 } } as const;
    const held = { settlement, hold: {} };
    const noted = (outcome: Outcome, before?: Failing) => failingAfter(outcome, 'k', false)(before);
    const once = noted({ ...held, failedAt: START });
    expect(once).toEqual({ times: 1, posts: { count: 1, at: START, status: 503 } });
    expect(noted({ ...held, failedAt: START + 1 }, once)?.posts).toEqual({ count: 2, at: START + 1, status: 503 });
    expect(noted(held, once)?.posts).toBeUndefined();
    expect(noted({ ...held, untried: true }, once)).toBe(once);
    expect(noted({ settlement: { state: 'ACCEPTED', attempts: 1, response: { status: 202 } } }, once)).toBeUndefined();
  });

  it('a number that is shut out is one matter, whether the sender met it yet or the line is paused', async () => {
    const shutOut: Health = { sendable: false, healthText: 'BANNED' };
    const said = async (control: Control, health: Health) =>
      (await Promise.all([line, trouble].map((one) => foundBy(one, sight(control, health))))).flat();
    const [ofLine, ofTrouble, ...none] = await said({ paused: { by: 'ops', at: START } }, shutOut);
    expect([ofLine?.isUnsure, ofTrouble?.isUnsure, none]).toEqual([true, undefined, []]);
    const met = { trouble: { kind: 'banned', at: START } } as const;
    const [lineMet, troubleMet] = await said(met, shutOut);
    expect([lineMet?.isUnsure, troubleMet?.todo]).toEqual([true, ofTrouble?.todo]);
    // The number is back, and waits for somebody: something else is to be done, and what was told of the line is not over.
    const [lineBack, back] = await said(met, { sendable: true });
    expect(lineBack).toMatchObject({ level: 'good', isUnsure: true });
    expect(back?.todo).toBe('npx ezw line resume bakery');
  });

  it('an outage is over for a number that was shut out meanwhile, and the next one is told', async () => {
    const desk = new Desk();
    const seen = async (answer: Health, control: Control = {}): Promise<Looked> => ({
      client: 'bakery',
      checks: [{ check: line, findings: await foundBy(line, sight(control, answer)) }],
    });
    const down: Health = { sendable: false, problem: 'health_503' };
    const all = 'EZWhatsApp at app.ezw.example';
    expect(desk.run(START, START + HOUR, await seen(down))).toEqual([`Ezw bakery: ${all}`]);
    const met = { trouble: { kind: 'banned', at: START } } as const;
    const shutOut = await seen({ sendable: false, healthText: 'BANNED' }, met);
    expect(desk.run(START + HOUR, START + 9 * HOUR, shutOut)).toEqual([`Ezw well again: bakery: ${all}`]);
    expect(desk.run(START + 9 * HOUR, START + 10 * HOUR, await seen(down, met))).toEqual([`Ezw bakery: ${all}`]);
  });

  it.each<[string, Health]>([
    ['gives no answer', { sendable: false, problem: 'health_503' }],
    ['is starting', { sendable: false, lifecycleState: 'starting' }],
    ['asks for its QR code, as after a ban', { sendable: false, healthText: 'QR' }],
  ])('that a number is shut out is not told well while its line %s, and is when it sends', async (_, health) => {
    const desk = new Desk();
    const seen = async (answer: Health): Promise<Looked> => ({
      client: 'bakery',
      checks: [{ check: trouble, findings: await foundBy(trouble, sight({}, answer)) }],
    });
    const shutOut = await seen({ sendable: false, healthText: 'BANNED' });
    expect(desk.subjects(START, shutOut)).toEqual(['Ezw bakery: what may leave']);
    const [unclear, sends] = [await seen(health), await seen({ sendable: true })];
    expect(desk.run(START + 5 * MINUTE, START + HOUR, unclear)).toEqual([]);
    expect(desk.run(START + HOUR, START + 2 * HOUR, sends)).toEqual(['Ezw well again: bakery: what may leave']);
  });
});

describe('a run', () => {
  const GONE = 'Ezw florist: its stack is gone';

  const memoryOf = (rows: Remembered[], mayBegin = true): Memory =>
    ({
      begin: async () => mayBegin,
      end: async () => undefined,
      all: async () => ({ causes: rows, clients: undefined }),
      know: async () => undefined,
      keep: async (row: Remembered) => {
        rows.splice(0, rows.length, ...rows.filter(({ key }) => key !== row.key), row);
      },
      forget: async (key: string) => {
        rows.splice(0, rows.length, ...rows.filter((row) => row.key !== key));
      },
    }) as unknown as Memory;

  const watcherOf = (over: Partial<ConstructorParameters<typeof Watcher>[0]> = {}) => {
    const told: Message[] = [];
    const rows: Remembered[] = [];
    const watcher = new Watcher({
      checks: [check({ look: () => [{ level: 'bad', about: 'sends-dlq', found: '1' }] })],
      stacks: async () => [{ client: 'bakery', open: async () => ({}) as Sight }],
      memory: memoryOf(rows),
      tell: async (message) => void told.push(message),
      log: () => undefined,
      now: () => START,
      newOwner: () => 'me',
      late: () => new Promise(() => undefined),
      ...over,
    });
    return { watcher, told, rows };
  };

  it('tells, and remembers that it did', async () => {
    const { watcher, told } = watcherOf();
    expect(await watcher.run(START)).toEqual({ clients: 1, looks: 1, told: 1 });
    expect(await watcher.run(START + 5 * MINUTE)).toMatchObject({ told: 0 });
    expect(told).toHaveLength(1);
  });

  it('beside another one does nothing', async () => {
    const { watcher, told } = watcherOf({ memory: memoryOf([], false) });
    expect(await watcher.run(START)).toMatchObject({ skipped: true });
    expect(told).toEqual([]);
  });

  it('that could not tell fails, so that its own alarm goes off, and tells it the next time', async () => {
    let fails = true;
    const told: string[] = [];
    const tell = async ({ subject }: Message) => {
      if (fails) throw new Error('no topic');
      told.push(subject);
    };
    const { watcher } = watcherOf({ tell });
    await expect(watcher.run(START)).rejects.toThrow('no topic');
    fails = false;
    await watcher.run(START + 5 * MINUTE);
    expect(told).toEqual(['Ezw bakery: sends-dlq']);
  });

  it('goes on past a message that is refused', async () => {
    const told: string[] = [];
    const tell = async ({ subject }: Message) => {
      if (told.push(subject) === 1) throw new Error('refused');
    };
    const look = () => ['sends-dlq', 'crm-dlq'].map((about) => ({ level: 'bad' as const, about, found: '1' }));
    const { watcher } = watcherOf({ tell, checks: [check({ look })] });
    await expect(watcher.run(START)).rejects.toThrow('refused');
    await watcher.run(START + 5 * MINUTE);
    expect(told).toEqual(['Ezw bakery: sends-dlq', 'Ezw bakery: crm-dlq', 'Ezw bakery: sends-dlq']);
  });

  it.each<[string, string, readonly string[]]>([
    ['of a stack that is gone tells once, while another message is refused', 'Ezw bakery: sends-dlq', [GONE]],
    ['of a stack that is gone tells again what was refused', GONE, []],
  ])('%s', async (_, refused, heard) => {
    const told: string[] = [];
    let isRefusing = true;
    const tell = async ({ subject }: Message) => {
      if (isRefusing && subject === refused) throw new Error('refused');
      told.push(subject);
    };
    const rows: Remembered[] = [];
    let clients: readonly string[] = ['bakery', 'florist'];
    const memory = Object.assign(memoryOf(rows), {
      all: async () => ({ causes: rows, clients }),
      know: async (names: readonly string[]) => {
        clients = names;
      },
    });
    const { watcher } = watcherOf({ tell, memory });
    for (let i = 0; i < 4; i += 1) await expect(watcher.run(START + i * 5 * MINUTE)).rejects.toThrow('refused');
    expect(told.filter((subject) => subject === GONE)).toEqual(heard);
    isRefusing = false;
    for (let i = 4; i < 8; i += 1) await watcher.run(START + i * 5 * MINUTE);
    expect(told.filter((subject) => subject === GONE)).toEqual([GONE]);
    expect(clients).toEqual(['bakery']);
  });

  it('over 200 clients of an EZWhatsApp that hangs looks at all of them, in its time', async () => {
    let now = START;
    const timers: { readonly at: number; readonly ring: () => void }[] = [];
    const late = (ms: number) => new Promise<void>((ring) => void timers.push({ at: now + ms, ring }));
    const patience = new Patience(late);
    const hangs = async (): Promise<Health> => {
      await late(10_500);
      return { sendable: false, problem: 'timeout' };
    };
    const names = Array.from({ length: 200 }, (_, i) => `client-${i}`);
    const stacks = async () =>
      names.map((client) => {
        const health = () => patience.ask('app.ezw.example', hangs);
        return { client, open: async () => ({ health }) as Sight };
      });
    const outage = 'EZWhatsApp at app.ezw.example';
    const look = async ({ health }: Sight) =>
      ({ level: 'bad', about: 'line', found: (await health()).problem ?? '', outage }) as const;
    const { watcher, told, rows } = watcherOf({
      stacks,
      late,
      now: () => now,
      checks: [check({ id: 'line', look }), check()],
    });
    const run = watcher.run(START);
    let isOver = false;
    void run.finally(() => (isOver = true));
    while (!isOver) {
      await setImmediate();
      const [next] = timers.sort((a, b) => a.at - b.at).splice(0, 1);
      if (next) now = Math.max(now, next.at);
      next?.ring();
    }
    expect(await run).toMatchObject({ clients: 200, looks: 400 });
    expect(now - START).toBeLessThan(100_000);
    expect(told.map(({ subject }) => subject)).toEqual([`Ezw 200 clients: ${outage}`]);
    expect(rows).toHaveLength(1);
  });

  it('begins with another client each time, so that not the same ones are missing where there is no time for all', async () => {
    const firsts = new Set<string>();
    const names = Array.from({ length: 20 }, (_, i) => `client-${i}`);
    for (let i = 0; i < 20; i += 1) {
      const opened: string[] = [];
      const open = (client: string) => async () => {
        opened.push(client);
        return {} as Sight;
      };
      const stacks = async () => names.map((client) => ({ client, open: open(client) }));
      await watcherOf({ stacks }).watcher.run(START + i * 5 * MINUTE);
      expect(new Set(opened).size).toBe(20);
      firsts.add(opened[0] ?? '');
    }
    expect(firsts.size).toBeGreaterThan(15);
  });

  it('waits for no client that does not answer, and looks at all the others', async () => {
    const hangs = { client: 'hangs', open: () => new Promise<Sight>(() => undefined) };
    const fine = { client: 'fine', open: async () => ({}) as Sight };
    const { watcher, told } = watcherOf({ stacks: async () => [hangs, fine], late: () => setImmediate() });
    expect(await watcher.run(START)).toMatchObject({ clients: 2, looks: 2 });
    expect(told.map(({ subject }) => subject)).toEqual(['Ezw fine: sends-dlq']);
  });
});
