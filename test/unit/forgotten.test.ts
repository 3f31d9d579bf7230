import { describe, expect, it } from 'vitest';
import { isForgotten, type Signs } from '../../cli/webhook/forgotten.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');
const ago = (minutes: number): number => NOW - minutes * MINUTE;
const iso = (minutes: number): string => new Date(ago(minutes)).toISOString();
/** Registered a month ago, heard until three hours ago, and a message was taken an hour ago. */
const signs = (over: Partial<Signs> = {}): Signs => ({
  accepted: ago(60),
  heard: ago(180),
  registeredAt: iso(30 * 24 * 60),
  now: NOW,
  ...over,
});

describe('a webhook is forgotten', () => {
  it.each<[string, Partial<Signs>]>([
    ['if a message was taken well after the last that was heard', {}],
    ['if nothing was ever heard since it was registered', { heard: undefined }],
    ['if it was heard before the address was registered anew, and not since', { registeredAt: iso(150) }],
    ['if it was heard, and registered by nobody here', { registeredAt: undefined }],
    ['just over the hour, and just over the half of one', { accepted: ago(31), heard: ago(31) - 61 * MINUTE }],
  ])('%s', (_, over) => {
    expect(isForgotten(signs(over))).toBe(true);
  });

  it.each<[string, Partial<Signs>]>([
    ['while no message was taken: a quiet line hears nothing', { accepted: undefined }],
    ['if it was heard since', { heard: ago(10) }],
    [
      'if it was heard within the hour before: one that is told of at once is taken a moment before',
      { heard: ago(120) },
    ],
    ['while what is told of the message may still come', { accepted: ago(30) }],
    ['if the address was registered after the message, or just before', { registeredAt: iso(100) }],
    ['if nobody knows of a webhook', { heard: undefined, registeredAt: undefined }],
  ])('not %s', (_, over) => {
    expect(isForgotten(signs(over))).toBe(false);
  });
});
