import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Check, Diagnosed, Sight } from '../../cli/doctor/check.ts';
import { causesIn, type Looked } from '../../watch/causes.ts';
import { decide, type Remembered } from '../../watch/decide.ts';
import { dueOf, openPairs } from '../../watch/due.ts';
import type { Memory } from '../../watch/memory.ts';
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
    const { tellings, kept, forgotten } = decide(this.rows, causesIn(all), clients, at);
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

describe('a run', () => {
  const memoryOf = (rows: Remembered[], mayBegin = true): Memory =>
    ({
      begin: async () => mayBegin,
      end: async () => undefined,
      all: async () => rows,
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

  it('waits for no client that does not answer, and looks at all the others', async () => {
    const hangs = { client: 'hangs', open: () => new Promise<Sight>(() => undefined) };
    const fine = { client: 'fine', open: async () => ({}) as Sight };
    const { watcher, told } = watcherOf({ stacks: async () => [hangs, fine], late: () => setImmediate() });
    expect(await watcher.run(START)).toMatchObject({ clients: 2, looks: 2 });
    expect(told.map(({ subject }) => subject)).toEqual(['Ezw fine: sends-dlq']);
  });
});
