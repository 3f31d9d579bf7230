import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Standstill } from '../../local/lambda/standstill.ts';
import { localFixture } from './fixtures/local-assembly.ts';

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** By what Linux tells itself: not every machine has `ps`. */
const ofProc = (): Seen[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // `1234 (any name) S 1 …`
        const [state = '', parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent), state }];
      } catch {
        return [];
      }
    });

/** Every process but the one that looks; what has ended, and nobody has asked about, is none. */
const processes = (): Seen[] => {
  if (existsSync('/proc/self/stat')) return ofProc();
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [pid, parent, state = '', command] = line.trim().split(/\s+/);
    return state.startsWith('Z') || command === 'ps'
      ? []
      : [{ pid: Number(pid), parent: Number(parent), state: state.slice(0, 1) }];
  });
};
const childrenOf = (parent: number | undefined): number[] =>
  processes().flatMap((one) => (one.parent === parent ? [one.pid] : []));
const statesOf = (pids: readonly number[]): string[] =>
  processes().flatMap(({ pid, state }) => (pids.includes(pid) ? [state] : []));

const started: ChildProcess[] = [];
afterEach(() => {
  for (const one of started.splice(0)) one.kill('SIGKILL');
});

describe('a stack that freezes its functions and is ended', () => {
  const runner = fileURLToPath(new URL('./fixtures/run-stack.mts', import.meta.url));

  it.each([
    ['by kill -9', 'SIGKILL', 1],
    ['by Ctrl-C, which all of the terminal get', 'SIGINT', -1],
  ] as const)('%s leaves no process behind', async (_, signal, sign) => {
    const { assembly } = localFixture();
    const data = join(mkdtempSync(join(tmpdir(), 'local-standstill-')), 'kept');
    const stack = spawn(process.execPath, ['--import', 'tsx', runner, assembly, data], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: { ...process.env, EZW_FREEZE: '1' },
    });
    started.push(stack);
    const [line] = await once(createInterface({ input: stack.stdout }), 'line');
    const functions = Object.values<number[]>(JSON.parse(line).functions).flat();
    expect(functions.length).toBeGreaterThan(1);
    await expect.poll(() => statesOf(functions)).toEqual(functions.map(() => 'T'));
    const all = childrenOf(stack.pid);
    expect(all).toEqual(expect.arrayContaining(functions));
    expect(all.length).toBeGreaterThan(functions.length);
    process.kill(sign * (stack.pid ?? 0), signal);
    await once(stack, 'exit');
    await expect.poll(() => statesOf(all)).toEqual([]);
  });
});

describe('what watches over stopped processes', () => {
  const sleeper = (): number => {
    const one = spawn('sleep', ['600'], { stdio: 'ignore' });
    started.push(one);
    return one.pid ?? 0;
  };

  it('is there from the first stop on, lets go on what was stopped in the end, and ends itself', async () => {
    const standstill = new Standstill();
    const before = childrenOf(process.pid);
    const [one, other] = [sleeper(), sleeper()];
    const watchers = () => childrenOf(process.pid).filter((pid) => ![...before, one, other].includes(pid));
    expect(watchers()).toEqual([]);
    standstill.stop(one);
    standstill.stop(other);
    await expect.poll(() => statesOf([one, other])).toEqual(['T', 'T']);
    expect(watchers()).toHaveLength(1);
    standstill.goOn(one);
    await expect.poll(() => statesOf([one])).toEqual(['S']);
    expect(statesOf([other])).toEqual(['T']);
    standstill.end();
    await expect.poll(() => statesOf([other])).toEqual(['S']);
    await expect.poll(watchers).toEqual([]);
    standstill.stop(one);
    expect(statesOf([one])).toEqual(['S']);
  });

  it('is another one where it was ended, and knows all that is stopped', async () => {
    const standstill = new Standstill();
    const before = childrenOf(process.pid);
    const [one, other] = [sleeper(), sleeper()];
    const watchers = () => childrenOf(process.pid).filter((pid) => ![...before, one, other].includes(pid));
    standstill.stop(one);
    await expect.poll(watchers).toHaveLength(1);
    const [first = 0] = watchers();
    process.kill(first, 'SIGKILL');
    // By then there may be the other one: it comes by itself.
    await expect.poll(() => watchers().includes(first)).toBe(false);
    standstill.stop(other);
    await expect.poll(watchers).toHaveLength(1);
    standstill.end();
    await expect.poll(() => statesOf([one, other])).toEqual(['S', 'S']);
    await expect.poll(watchers).toEqual([]);
  });
});
