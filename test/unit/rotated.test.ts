import { expect, it } from 'vitest';
import { isRotated, rotatedWords } from '../../cli/source/rotated.ts';

const [MINUTE, DAY] = [60_000, 24 * 3600_000];
const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const row = { refused: 3, firstAt: NOW - 5 * MINUTE, lastAt: NOW - 3 * MINUTE, goodAt: NOW - DAY, now: NOW };

it.each<[string, object, boolean]>([
  ['three refused over two minutes, a day after a good one', {}, true],
  ['two', { refused: 2 }, false],
  ['three in a shorter time', { firstAt: row.lastAt - 2 * MINUTE + 1 }, false],
  ['the last of them a day ago', { firstAt: NOW - DAY - 5 * MINUTE, lastAt: NOW - DAY }, false],
  ['the last of them nearly a day ago', { firstAt: NOW - DAY, lastAt: NOW - DAY + 5 * MINUTE }, true],
  ['the last good one sixty days ago', { goodAt: NOW - 60 * DAY }, false],
  ['the last good one nearly sixty days ago', { goodAt: NOW - 60 * DAY + 1 }, true],
  ['none ever accepted', { goodAt: undefined }, true],
  ['none refused since the last good one', { refused: undefined, firstAt: undefined, lastAt: undefined }, false],
])('of a secret that is another one at each end there are signs: %s', (_, over, is) => {
  expect(isRotated({ ...row, ...over })).toBe(is);
});

it('says whether events were ever accepted', () => {
  expect(rotatedWords({ refused: 3 })).toBe(
    '3 events in a row refused, and none was ever accepted: is the stored secret that of this shop?',
  );
});

it('says since when they are refused, and not when the last good one was noted: others were taken since', () => {
  expect(rotatedWords(row)).toContain('3 events in a row refused since 2026-11-22T09:55:00.000Z');
});
