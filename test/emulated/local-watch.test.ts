import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchSources } from '../../local/watch.ts';

let root: string;
let told: string[][];
let end: () => void;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-watch-'));
  for (const folder of ['clients', 'functions/sender', 'lib']) mkdirSync(join(root, folder), { recursive: true });
  write('functions/sender/send.ts');
  told = [];
  end = watchSources(root, 'demo', (paths) => told.push(paths));
});
afterEach(() => {
  end();
  rmSync(root, { recursive: true });
});

const write = (path: string) => writeFileSync(join(root, path), 'x');

/** As editors save: another file takes its place. */
const replace = (path: string) => {
  write(`${path}~`);
  renameSync(join(root, `${path}~`), join(root, path));
};

const next = async (): Promise<string[]> => {
  await expect.poll(() => told.length).toBe(1);
  return told.splice(0).flat();
};

test('a file that is saved, in place or by another file, is noticed each time', async () => {
  for (const save of [replace, replace, write, replace]) {
    save('functions/sender/send.ts');
    expect(await next()).toEqual(['functions/sender/send.ts']);
  }
});

test('files that come and go are noticed, in new folders too', async () => {
  mkdirSync(join(root, 'functions/order-ready/sources'), { recursive: true });
  write('functions/order-ready/sources/custom.ts');
  expect(await next()).toEqual(['functions/order-ready/sources/custom.ts']);
  replace('functions/order-ready/sources/custom.ts');
  expect(await next()).toEqual(['functions/order-ready/sources/custom.ts']);
  rmSync(join(root, 'functions/order-ready'), { recursive: true });
  expect(await next()).toContain('functions/order-ready/sources/custom.ts');
  mkdirSync(join(root, 'functions/order-ready'));
  write('functions/order-ready/handler.ts');
  expect(await next()).toContain('functions/order-ready/handler.ts');
});

test('what is no source is not', async () => {
  for (const path of ['README.md', 'functions/README.md', 'clients/other.ts', 'lib/.x.ts.swp', 'lib/x.test.ts']) {
    write(path);
  }
  await sleep(600);
  expect(told).toEqual([]);
  write('clients/demo.ts');
  expect(await next()).toEqual(['clients/demo.ts']);
  mkdirSync(join(root, 'clients/shared'));
  write('clients/shared/texts.ts');
  expect(await next()).toEqual(['clients/shared/texts.ts']);
});

test('nothing is told after the end', async () => {
  write('lib/a.ts');
  end();
  write('lib/b.ts');
  await sleep(600);
  expect(told).toEqual([]);
});
