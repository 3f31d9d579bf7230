import { describe, expect, it } from 'vitest';
import type { AppointmentReminderConfig } from '../../functions/appointment-reminder/config.ts';
import { factOf, factOfRow, rowAfter } from '../../functions/appointment-reminder/row.ts';
import type { AppointmentEvent, AppointmentRow, Booking } from '../../functions/appointment-reminder/schema.ts';
import { decide, plan, reminderKey } from '../../functions/appointment-reminder/workflow.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const HOUR = 3600_000;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

const config: AppointmentReminderConfig = {
  lineId: 'line',
  keysOf: 'line',
  country: 'IL',
  locale: 'en',
  zone: 'Asia/Jerusalem',
  late: 'skip',
  sources: {},
  stages: {
    '24h': {
      texts: {
        en: { body: '{name}: {service} on {day}, {date} at {time}', ifMissing: { service: 'your visit' } },
        he: { body: '{name}: {day}, {date} בשעה {time}' },
      },
    },
    '2h': { texts: { en: { body: 'Today at {time}' } } },
  },
};

const booking = (over: Partial<Booking> = {}): Booking => ({
  kind: 'booked',
  id: 'A-1',
  updatedAt: iso(NOW),
  receivedAt: iso(NOW),
  startsAt: '2026-11-25T12:30:00.000Z',
  zone: 'Asia/Jerusalem',
  name: 'Dana',
  phones: [{ raw: '050-123-4567' }],
  ...over,
});
const taken = (event: AppointmentEvent, row?: AppointmentRow, settings = config): AppointmentRow =>
  rowAfter(row, factOf(event, settings), { lineId: 'line', appointmentId: row?.appointmentId ?? event.id }, NOW);

const alarm = (row: AppointmentRow, stage = '24h', at = NOW + 50 * HOUR) => ({
  appointmentId: row.appointmentId,
  version: row.version,
  stage,
  scheduledFor: iso(at),
});
const commandOf = (row: AppointmentRow, settings = config, stage = '24h') => {
  const decision = decide(row, alarm(row, stage), settings, NOW);
  if (decision.kind !== 'send') throw new Error(`it decided ${decision.kind}`);
  return decision.command;
};
const bodyOf = (row: AppointmentRow, settings = config): unknown => {
  const { outcome } = commandOf(row, settings);
  return 'body' in outcome ? JSON.parse(outcome.body).body : outcome;
};

describe('what is said', () => {
  it("stands in the appointment's own zone and in the customer's language", () => {
    expect(bodyOf(taken(booking()))).toBe('Dana: your visit on Wednesday, 25 November at 14:30');
    expect(bodyOf(taken(booking({ zone: 'America/New_York', service: 'Haircut' })))).toBe(
      'Dana: Haircut on Wednesday, 25 November at 07:30',
    );
    expect(bodyOf(taken(booking({ locale: 'he-IL' })))).toBe('Dana: יום רביעי, 25 בנובמבר בשעה 14:30');
    expect(bodyOf(taken(booking({ locale: 'fr' })))).toContain('Wednesday');
  });

  it("is written as is usual in the client's country, with plain spaces", () => {
    const zone = 'America/New_York';
    const us = { ...config, country: 'US' };
    const phones = [{ raw: '+972501234567' }];
    expect(bodyOf(taken(booking({ zone, phones, startsAt: '2026-11-25T19:15:00.000Z' }), undefined, us), us)).toMatch(
      /^Dana: your visit on Wednesday, November 25 at 2:15 PM$/,
    );
  });

  it('is of the next day where the zone is already there', () => {
    expect(bodyOf(taken(booking({ zone: 'Pacific/Auckland' })))).toContain('Thursday, 26 November at 01:30');
  });

  it('an unknown zone is the client’s', () => {
    expect(bodyOf(taken(booking({ zone: 'Mars/Olympus' })))).toContain('at 14:30');
    expect(bodyOf(taken(booking({ zone: undefined })))).toContain('at 14:30');
  });

  it('is the caption of its stage’s media, whose address has the values encoded', () => {
    const media = { url: 'https://clinic.example/{service}.png' };
    const settings = { ...config, stages: { ...config.stages, '24h': { texts: {}, ...config.stages['24h'], media } } };
    const row = taken(booking({ service: 'Cut & colour' }));
    const request = (stage: string) => {
      const { outcome } = commandOf(row, settings, stage);
      return 'path' in outcome && { path: outcome.path, ...JSON.parse(outcome.body) };
    };
    expect(request('24h')).toEqual({
      path: '/messages/media',
      to: '+972501234567',
      media: 'https://clinic.example/Cut%20%26%20colour.png',
      caption: 'Dana: Cut & colour on Wednesday, 25 November at 14:30',
    });
    expect(request('2h')).toEqual({ path: '/messages/text', to: '+972501234567', body: 'Today at 14:30' });
  });

  it.each<[string, Partial<Booking>]>([
    ['no_usable_phone:letters', { phones: [{ raw: '555-555-SHIP' }, { raw: undefined }] }],
    ['no_usable_phone', { phones: [{ raw: undefined }] }],
    ['missing_value:name', { name: undefined }],
    ['text_too_long', { service: 'x'.repeat(1000) }],
  ])('or why nothing is: %s', (reason, over) => {
    expect(bodyOf(taken(booking(over)))).toEqual({ state: 'REJECTED', reason });
  });

  it('goes to the first number that can be called, of use until the next reminder or the appointment', () => {
    const row = taken(booking({ phones: [{ raw: '12' }, { raw: '+1 404-555-0156' }, { raw: '050-123-4567' }] }));
    expect(commandOf(row)).toMatchObject({
      key: 'appointment:A-1:24h',
      asOf: iso(NOW),
      usefulUntil: '2026-11-25T10:30:00.000Z',
      outcome: { body: expect.stringContaining('"to":"+14045550156"') },
    });
  });
});

describe('the key', () => {
  it('has the contract’s form first, and the version after a move', () => {
    expect(reminderKey('A-1', 1, '24h')).toBe('appointment:A-1:24h');
    expect(reminderKey('A-1', 2, '24h')).toBe('appointment:A-1:v2:24h');
  });

  it('fits into 64 characters for any id, many moves and the longest stage', () => {
    expect(reminderKey('id/'.repeat(100), 9999, 'P1DT12H30M').length).toBeLessThanOrEqual(64);
  });
});

describe('the version', () => {
  const later = (over: Partial<Booking>): Booking => booking({ updatedAt: iso(NOW + 1000), ...over });

  it('rises with another start and with nothing else', () => {
    const one = taken(booking());
    expect(one.version).toBe(1);
    const renamed = taken(later({ name: 'Noa' }), one);
    expect(renamed).toMatchObject({ version: 1, name: 'Noa' });
    expect(taken(later({ kind: 'moved', startsAt: '2026-11-26T12:30:00.000Z' }), one).version).toBe(2);
  });

  it('an older event changes nothing, and neither does the same one again', () => {
    const one = taken(booking());
    expect(taken(booking({ updatedAt: iso(NOW - 1), startsAt: '2026-11-24T12:30:00.000Z' }), one)).toBe(one);
    expect(taken(booking(), one)).toBe(one);
  });

  it('at one and the same time a cancellation counts more than a move, and that more than a booking', () => {
    const ended: AppointmentEvent = { kind: 'cancelled', id: 'A-1', updatedAt: iso(NOW), receivedAt: iso(NOW) };
    const moved = booking({ kind: 'moved', startsAt: '2026-11-26T12:30:00.000Z' });
    expect(taken(moved, taken(booking()))).toMatchObject({ version: 2 });
    expect(taken(booking(), taken(moved))).toMatchObject({ startsAt: moved.startsAt });
    expect(taken(booking(), taken(ended))).toMatchObject({ status: 'cancelled' });
    expect(taken(ended, taken(moved))).toMatchObject({ status: 'cancelled' });
  });

  it('who it was is forgotten with the cancellation; booked again at the same time it is the same version, and the ledger knows what left', () => {
    const one = { ...taken(booking()), sent: { '24h': 1 }, told: { '24h': taken(booking()).standing } };
    expect(plan(one, config, NOW).alarms.map(({ stage }) => stage)).toEqual(['2h']);
    const ended = taken({ kind: 'cancelled', id: 'A-1', updatedAt: iso(NOW + 1), receivedAt: iso(NOW + 1) }, one);
    expect(JSON.stringify(ended)).not.toMatch(/Dana|972/);
    const again = taken(later({}), ended);
    expect(again).toMatchObject({ version: 1, name: 'Dana' });
    expect(plan(again, config, NOW).alarms.map(({ stage }) => stage)).toEqual(['24h', '2h']);
  });
});

describe('reminders', () => {
  const soon = (over: Partial<Booking> = {}): Booking => booking({ startsAt: iso(NOW + HOUR), ...over });

  it('that were due before the booking was heard of are skipped', () => {
    expect(plan(taken(soon()), config, NOW)).toEqual({ alarms: [] });
  });

  it('or the last of them goes out at once, where the client file says so', () => {
    const send = { ...config, late: 'send' as const };
    expect(plan(taken(soon(), undefined, send), send, NOW).due?.stage).toBe('2h');
  });

  it('that came due while the event waited in the queue go out', () => {
    const row = taken(soon({ receivedAt: iso(NOW - 2 * HOUR) }));
    expect(plan(row, config, NOW).due).toEqual({ stage: '2h', at: NOW - HOUR });
  });

  it('are none for an appointment that has begun', () => {
    const row = taken(soon({ receivedAt: iso(NOW - 50 * HOUR) }));
    expect(plan(row, config, NOW + HOUR)).toEqual({ alarms: [] });
  });

  it('that may have gone out under the id of a later booking do not go out under the first', () => {
    const own = taken(
      booking({ id: 'C', previousId: 'B', startsAt: iso(NOW + HOUR), receivedAt: iso(NOW - 50 * HOUR) }),
    );
    const merged = rowAfter(undefined, factOfRow(own, 'A', NOW), { lineId: 'line', appointmentId: 'A' }, NOW);
    expect(plan(merged, config, NOW)).toEqual({ alarms: [] });
  });
});

describe('an alarm', () => {
  const row = taken(booking());

  it('is decided for its own time, or for now where the queue was slow', () => {
    expect(commandOf(row).decidedFor).toBe(iso(NOW + 50 * HOUR));
    const decision = decide(row, alarm(row, '24h', NOW - HOUR), config, NOW);
    expect(decision).toMatchObject({ command: { decidedFor: iso(NOW) } });
  });

  it('that comes after the start shows as EXPIRED', () => {
    const late = decide(row, alarm(row), config, Date.parse(row.startsAt as string) + 1);
    expect(late).toMatchObject({ command: { outcome: { state: 'EXPIRED', reason: 'useful_until_passed' } } });
  });

  it('of a stage that the client file has no more means nothing', () => {
    expect(decide(row, alarm(row, 'P2D'), config, NOW)).toEqual({ kind: 'void', reason: 'stage_removed' });
  });
});
