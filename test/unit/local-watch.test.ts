import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rebuilds } from '../../local/rebuilds.ts';
import { isSource, whenQuiet } from '../../local/watch.ts';

describe('a source', () => {
  it.each([
    'clients/demo.ts',
    'functions/sender/send.ts',
    'lib/trims/sdk.ts',
    'lib/x.mjs',
    'functions/a/data.json',
    'clients/shared/texts.ts',
  ])('is %s', (path) => expect(isSource(path, 'demo')).toBe(true));

  it.each([
    'clients/other.ts',
    'functions/sender/README.md',
    'functions/sender/send.test.ts',
    'functions/sender/.send.ts.swp',
    'functions/sender/.#send.ts',
    'functions/sender/#send.ts#',
    'functions/sender/send.ts~',
    'functions/sender/send.ts.tmp.1234',
    'functions/sender/send.ts___jb_tmp___',
    'functions/sender/4913',
    'functions/sender/sedAbC123',
    'functions/sender',
    'lib/.DS_Store',
  ])('is not %s', (path) => expect(isSource(path, 'demo')).toBe(false));
});

describe('what is saved', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is told once it is quiet, each file once', () => {
    const told: string[][] = [];
    const quiet = whenQuiet((paths) => told.push(paths));
    for (const path of ['b', 'a', 'b']) {
      quiet.add(path);
      vi.advanceTimersByTime(299);
    }
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([['a', 'b']]);
    quiet.add('c');
    vi.advanceTimersByTime(300);
    expect(told).toEqual([['a', 'b'], ['c']]);
    vi.advanceTimersByTime(10_000);
    expect(told).toHaveLength(2);
  });

  it('is told no more when it is over', () => {
    const told = vi.fn();
    const quiet = whenQuiet(told);
    quiet.add('a');
    quiet.stop();
    vi.advanceTimersByTime(1000);
    expect(told).not.toHaveBeenCalled();
  });
});

describe('rebuilds', () => {
  /** Each build as it began, and how to end it. */
  const setup = () => {
    const builds: { files: string[]; signal: AbortSignal; end: () => Promise<void> }[] = [];
    const rebuilds = new Rebuilds((files, signal) => {
      let resolve = () => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      const end = async () => {
        resolve();
        await new Promise(setImmediate);
      };
      builds.push({ files, signal, end });
      return promise;
    });
    return { builds, rebuilds };
  };

  it('wait until there is something to build anew', () => {
    const { builds, rebuilds } = setup();
    rebuilds.changed(['a']);
    rebuilds.changed(['b', 'a']);
    expect(builds).toEqual([]);
    rebuilds.open();
    expect(builds).toMatchObject([{ files: ['a', 'b'] }]);
  });

  it('come one after another, and the last has what was saved last', async () => {
    const { builds, rebuilds } = setup();
    rebuilds.open();
    rebuilds.changed(['a']);
    rebuilds.changed(['b']);
    rebuilds.changed(['a']);
    expect(builds).toHaveLength(1);
    expect(builds[0]?.signal.aborted).toBe(true);
    await builds[0]?.end();
    expect(builds).toMatchObject([{ files: ['a'] }, { files: ['a', 'b'] }]);
    expect(builds[1]?.signal.aborted).toBe(false);
    await builds[1]?.end();
    expect(builds).toHaveLength(2);
  });

  it('end with the stack', async () => {
    const { builds, rebuilds } = setup();
    rebuilds.open();
    rebuilds.changed(['a']);
    rebuilds.close();
    expect(builds[0]?.signal.aborted).toBe(true);
    await builds[0]?.end();
    rebuilds.changed(['b']);
    expect(builds).toHaveLength(1);
  });
});
