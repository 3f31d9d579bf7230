import { describe, expect, it } from 'vitest';
import type { AppointmentReminderConfig } from '../../functions/appointment-reminder/config.ts';
import { factOf, factOfRow, rowAfter } from '../../functions/appointment-reminder/row.ts';
import type { AppointmentEvent, AppointmentRow, Booking } from '../../functions/appointment-reminder/schema.ts';
import { template } from '../../functions/appointment-reminder/template.ts';
import { whenWords, withoutZone } from '../../functions/appointment-reminder/when-words.ts';
import { decide, plan, reminderKey } from '../../functions/appointment-reminder/workflow.ts';
import { DAYS } from '../../functions/shared/hours/opening-hours.ts';

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

describe('why somebody is reminded', () => {
  it('is the source that told last of the appointment, how it stands, and when that was said', () => {
    const row = taken(booking({ source: 'calendly' }));
    const because = { source: 'calendly', told: 'booked', id: 'A-1', at: iso(NOW) };
    expect(commandOf(row)).toMatchObject({ because, to: '+972501234567' });
    const at = iso(NOW + 1);
    const moved = taken(booking({ kind: 'moved', source: 'crm', updatedAt: at, receivedAt: at }), row);
    expect(commandOf(moved).because).toEqual({ source: 'crm', told: 'moved', id: 'A-1', at });
  });

  it('of a row that an earlier release wrote is known but for its source', () => {
    const { source: _, ...row } = taken(booking({ source: 'calendly' }));
    expect(commandOf(row).because).toEqual({ source: undefined, told: 'booked', id: 'A-1', at: iso(NOW) });
  });

  it('makes no repeat of an event news: what an earlier release heard is heard', () => {
    const event = booking({ source: 'calendly' });
    expect(taken(event, taken(event))).toEqual(taken(event));
  });
});

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

describe('{when}', () => {
  const says = (body: string) => ({ ...config, stages: { '24h': { texts: { en: { body }, he: { body } } } } });
  /** The body of a reminder that goes so many hours before the start, and its command. */
  const at = (hours: number, settings = says('see you {when} at {time}'), over: Partial<Booking> = {}) => {
    const row = taken(booking(over), undefined, settings);
    const goes = Date.parse(row.startsAt as string) - hours * HOUR;
    const decision = decide(row, alarm(row, '24h', goes), settings, NOW);
    if (decision.kind !== 'send' || !('body' in decision.command.outcome)) throw new Error('nothing is sent');
    return { ...decision.command, said: JSON.parse(decision.command.outcome.body).body as string };
  };

  it('is today, tomorrow or the date, of the day on which the message goes', () => {
    // At 14:30.
    expect(at(2).said).toBe('see you today at 14:30');
    expect(at(14).said).toBe('see you today at 14:30');
    expect(at(15).said).toBe('see you tomorrow at 14:30');
    expect(at(24).said).toBe('see you tomorrow at 14:30');
    expect(at(39).said).toBe('see you on Wednesday, 25 November at 14:30');
  });

  it("is a day of the appointment's zone", () => {
    const zone = 'Pacific/Auckland';
    expect(at(2, undefined, { zone }).said).toBe('see you tomorrow at 01:30');
    expect(at(1, undefined, { zone }).said).toBe('see you today at 01:30');
  });

  it('is of use until that day ends, and a date until the start', () => {
    expect(at(24).usefulUntil).toBe('2026-11-24T22:00:00.000Z');
    expect(at(2).usefulUntil).toBe('2026-11-25T12:30:00.000Z');
    expect(at(39).usefulUntil).toBe('2026-11-25T12:30:00.000Z');
    expect(at(24, says('see you at {time}')).usefulUntil).toBe('2026-11-25T12:30:00.000Z');
    // The day on which the clocks go forward has 23 hours.
    const spring = { startsAt: '2027-03-27T07:00:00.000Z' };
    expect(at(24, undefined, spring)).toMatchObject({
      said: 'see you tomorrow at 10:00',
      usefulUntil: '2027-03-26T21:00:00.000Z',
    });
  });

  it('begins a message as a sentence begins', () => {
    expect(at(24, says('{when} at {time} we see you')).said).toBe('Tomorrow at 14:30 we see you');
  });

  it.each([
    ['he', 'היום', 'מחר', 'ביום ראשון, 6 בדצמבר'],
    ['ar', 'اليوم', 'غدًا', 'يوم الأحد، ٦ ديسمبر'],
    ['fr', 'aujourd’hui', 'demain', 'le dimanche 6 décembre'],
    ['pt', 'hoje', 'amanhã', 'no domingo, 6 de dezembro'],
    ['es', 'hoy', 'mañana', 'el domingo, 6 de diciembre'],
    ['de', 'heute', 'morgen', 'am Sonntag, 6. Dezember'],
    ['ru', 'сегодня', 'завтра', 'в воскресенье, 6 декабря'],
    ['it', 'oggi', 'domani', 'domenica 6 dicembre'],
  ])('is said in %s', (locale, ...words) => {
    const when = { startsAt: '2026-12-06T08:00:00Z', zone: 'Asia/Jerusalem' };
    const days = ['2026-12-06T00:00:00Z', '2026-12-05T10:00:00Z', '2026-12-01T10:00:00Z'];
    expect(days.map((day) => whenWords(when, locale, 'IL', Date.parse(day)).when)).toEqual(words);
  });

  it('says in Russian on which day, as it is declined, and in Portuguese by the gender of the day', () => {
    const on = (locale: string, day: number) =>
      whenWords({ startsAt: `2026-12-0${day}T08:00:00Z`, zone: 'UTC' }, locale, 'IL', 0).when.split(',')[0];
    expect([1, 2, 4, 5].map((day) => on('ru', day))).toEqual(['во вторник', 'в среду', 'в пятницу', 'в субботу']);
    expect([4, 5, 6].map((day) => on('pt', day))).toEqual(['na sexta-feira', 'no sábado', 'no domingo']);
  });

  it('is named by a warning where a text says "tomorrow" as a word, in each language, and nothing else is', () => {
    const warned = (body: string) =>
      template.warnings?.(says(body) as never, { optOut: { stop: [], start: [] } } as never).map(({ path }) => path);
    for (const body of [
      'See you tomorrow.',
      'נתראה מחר',
      'להתראות למחר!',
      'نراك غدا',
      'نراك غداً',
      'até amanhã',
      'À demain !',
    ])
      expect(warned(body), body).toEqual([
        ['stages', '24h', 'texts', 'en', 'body'],
        ['stages', '24h', 'texts', 'he', 'body'],
      ]);
    for (const body of ['See you {when}.', 'Tomorrowland', 'מחרוזת', 'demaine', 'por la mañana'])
      expect(warned(body), body).toEqual([]);
    const [one] = template.warnings?.(says('tomorrow') as never, {} as never) ?? [];
    expect(one?.message).toContain('{when}');
  });
});

describe('{zone}', () => {
  const body = 'at {time} ({zone})';
  const settings = { ...config, stages: { '24h': { texts: { en: { body }, he: { body: 'ב {time} {zone}.' } } } } };
  const said = (over: Partial<Booking>) => bodyOf(taken(booking(over), undefined, settings), settings);

  it('names the zone for whoever lives by other clocks, and is left out with its brackets for everybody else', () => {
    const place = { zone: 'Asia/Jerusalem' };
    expect(said({ zone: 'America/New_York', place })).toBe('at 14:30 (Israel Time)');
    expect(said({ zone: 'America/New_York', place, locale: 'he' })).toBe('ב 14:30 שעון ישראל.');
    expect(said({ place })).toBe('at 14:30');
    expect(said({ place, locale: 'he' })).toBe('ב 14:30.');
    // Other names of the same clocks.
    expect(said({ zone: 'Africa/Cairo', place })).toBe('at 14:30');
    expect(said({ zone: 'America/New_York' })).toBe('at 07:30');
  });

  it('takes with it what it was added by, wherever it stands', () => {
    const left = (text: string) => withoutZone(text);
    expect(left('at {time}, {zone}.')).toBe('at {time}.');
    expect(left('at {time} ({zone} time).')).toBe('at {time}.');
    expect(left('at {time} – {zone}')).toBe('at {time}');
    expect(left('at {time} (time in {zone})')).toBe('at {time}');
    expect(left('{zone}: {time}')).toBe('{time}');
    expect(left('Hi\n{zone}, {time} [{zone}]')).toBe('Hi\n{time}');
    expect(left('at {time} ({day} {zone})')).toBe('at {time} ({day})');
  });

  it("of a place that is not known is the client's own", () => {
    expect(said({ zone: 'America/New_York', place: {} })).toBe('at 14:30 (Israel Time)');
    expect(said({ zone: 'America/New_York', place: { zone: 'Mars/Olympus' } })).toBe('at 14:30 (Israel Time)');
    expect(said({ zone: undefined, place: { zone: 'Europe/Paris' } })).toBe('at 13:30 (Central European Time)');
  });
});

describe('of several stages', () => {
  const window = {
    zone: 'Asia/Jerusalem',
    hours: [{ days: [...DAYS], from: '09:00', to: '19:00' }],
    closed: ['2026-11-24'],
  };
  const limited = { ...config, sendWindow: window };
  // At 10:00; the day before it is closed.
  const row = taken(booking({ startsAt: '2026-11-25T08:00:00.000Z' }), undefined, limited);
  const decided = (stage: string, at: string, settings = limited) =>
    decide(row, alarm(row, stage, Date.parse(at)), settings, NOW);

  it('that are due by one opening the last one waits for it, and the earlier ones are superseded', () => {
    expect(decided('24h', '2026-11-24T08:00:00Z')).toMatchObject({
      command: { outcome: { state: 'EXPIRED', reason: 'superseded' } },
    });
    expect(decided('2h', '2026-11-25T06:00:00Z')).toEqual({ kind: 'wait', until: Date.parse('2026-11-25T07:00:00Z') });
  });

  it('an alarm that rings when the next one is due is superseded too', () => {
    expect(decided('24h', '2026-11-25T06:00:00Z', config as never)).toMatchObject({
      command: { outcome: { reason: 'superseded' } },
    });
  });

  it('the earlier one is of use until the next is due, unless that can never go', () => {
    const early = { ...limited, sendWindow: { ...window, closed: [] } };
    const useful = (settings: typeof limited) => {
      const decision = decided('24h', '2026-11-24T08:00:00Z', settings);
      return decision.kind === 'send' && decision.command.usefulUntil;
    };
    expect(useful(early)).toBe('2026-11-25T06:00:00.000Z');
    const late = {
      ...early,
      sendWindow: { ...early.sendWindow, hours: [{ days: [...DAYS], from: '10:01', to: '19:00' }] },
    };
    expect(useful(late)).toBe(false);
    const closed = {
      ...early,
      sendWindow: {
        ...early.sendWindow,
        hours: [{ days: [...DAYS], from: '09:00', to: '19:00' }],
        closed: ['2026-11-25'],
      },
    };
    expect(useful(closed)).toBe('2026-11-25T08:00:00.000Z');
  });

  it('one that the client file got later is promised to nobody who booked before, unless it lies ahead', () => {
    const booked = taken(booking({ receivedAt: iso(NOW - 400 * HOUR) }));
    const texts = config.stages['24h'];
    const more = { ...config, stages: { ...config.stages, P7D: texts, P1D: texts } } as typeof config;
    expect(plan(booked, more, NOW).due).toBeUndefined();
    expect(plan(booked, more, NOW).alarms.map(({ stage }) => stage)).toEqual(['24h', 'P1D', '2h']);
    // The same day under another name, when its reminder has gone out already.
    const [told, renamed] = [
      { ...booked, sent: { '24h': 1 }, told: { '24h': booked.standing } },
      { ...config, stages: { P1D: texts } },
    ];
    expect(plan(told, renamed as typeof config, Date.parse('2026-11-25T01:30:00Z'))).toEqual({ alarms: [] });
    // Also when the same booking is told of again.
    const again = taken(booking({ name: 'Noa', updatedAt: iso(NOW + 1000) }), booked, more);
    expect(plan(again, more, NOW).due).toBeUndefined();
    const lost = Date.parse('2026-11-24T13:00:00Z');
    const between = { ...config, stages: { ...config.stages, PT24H: texts } } as typeof config;
    expect(plan(booked, between, lost).due?.stage).toBe('24h');
    const { stages: _, ...old } = booked;
    expect(plan(old, config, Date.parse('2026-11-25T01:30:00Z')).due?.stage).toBe('24h');
  });

  it('none goes out after a later one, whatever is told again (late: send)', () => {
    const send = { ...config, late: 'send' as const };
    const soon = taken(booking({ startsAt: iso(NOW + HOUR) }), undefined, send);
    const told = { ...soon, sent: { '2h': 1 }, told: { '2h': soon.standing } };
    expect(plan(told, send, NOW)).toEqual({ alarms: [] });
  });
});

describe('an id that was known before', () => {
  const move = (id: string, previousId: string, seconds: number, hour: number): Booking =>
    booking({
      kind: 'moved',
      id,
      previousId,
      updatedAt: iso(NOW + seconds * 1000),
      startsAt: `2026-11-26T${hour}:00:00.000Z`,
    });

  it('may come back by a later move, as that of a slot, and an old event of it never does', () => {
    const there = taken(move('B', 'A-1', 1, 11), taken(booking()));
    const back = taken(move('A-1', 'B', 2, 12), there);
    expect(back).toMatchObject({ link: 'A-1', startsAt: '2026-11-26T12:00:00.000Z', past: { B: true } });
    const ended = taken({ kind: 'cancelled', id: 'B', updatedAt: iso(NOW + 2000), receivedAt: iso(NOW + 2000) }, there);
    expect(taken(booking({ updatedAt: iso(NOW + 3000) }), ended)).toMatchObject({ link: 'A-1', status: 'booked' });
    expect(taken(booking(), ended)).toMatchObject({ status: 'cancelled' });
    expect(taken(booking(), there)).toMatchObject({ link: 'B' });
    expect(taken(move('B', 'A-1', 1, 11), back)).toMatchObject({ link: 'A-1' });
  });
});

describe('an answer that is called as a later placeholder', () => {
  const asked = {
    ...config,
    answers: { when: { fields: ['When do you come?'] } },
    stages: { '24h': { texts: { en: { body: 'you said {when}' } } } },
  };
  const event = booking({
    answers: [{ names: ['When do you come?'], question: 'When do you come?', value: 'early' }] as never,
  });

  it('is what the client file means by it, as before, with a warning', () => {
    expect(bodyOf(taken(event, undefined, asked), asked)).toBe('you said early');
    expect(commandOf(taken(event, undefined, asked), asked).usefulUntil).toBe(event.startsAt);
    expect(bodyOf(taken(booking(), undefined, asked), asked)).toEqual({
      state: 'REJECTED',
      reason: 'missing_value:when',
    });
    expect(template.warnings?.({ ...asked, stages: {} } as never, {} as never)).toEqual([
      { path: ['answers', 'when'], message: expect.stringContaining('hides {when}') },
    ]);
    const {
      sources: _,
      lineId: __,
      country: ___,
      locale: ____,
      zone: _____,
      ...settings
    } = asked as never as Record<string, never>;
    const written = { stages: settings.stages, answers: settings.answers, sources: {} };
    expect(template.settings.safeParse(written).error?.issues ?? []).toEqual([]);
    const taken_ = { ...written, answers: { time: { fields: ['x'] } } };
    expect(template.settings.safeParse(taken_).success).toBe(false);
  });
});

describe('two events of one time', () => {
  const start = (hour: number) => `2026-11-26T${hour}:00:00.000Z`;
  const moved = (hour: number, over: Partial<Booking> = {}): Booking =>
    booking({ kind: 'moved', startsAt: start(hour), ...over });
  const heard = (ms: number) => ({ receivedAt: iso(NOW + ms) });

  it('are told apart by their sequence, in whichever order they come', () => {
    const [first, second] = [moved(10, { sequence: 1, ...heard(9) }), moved(11, { sequence: 2, ...heard(1) })];
    expect(taken(second, taken(first)).startsAt).toBe(start(11));
    expect(taken(first, taken(second)).startsAt).toBe(start(11));
    const ended: AppointmentEvent = { kind: 'cancelled', id: 'A-1', updatedAt: iso(NOW), sequence: 3, ...heard(0) };
    expect(taken(moved(12, { sequence: 4 }), taken(ended)).status).toBe('moved');
  });

  it('without one the later first receipt counts, in whichever order they are worked on', () => {
    const [first, second] = [moved(10, heard(1)), moved(11, heard(2))];
    expect(taken(second, taken(first)).startsAt).toBe(start(11));
    expect(taken(first, taken(second)).startsAt).toBe(start(11));
  });

  it('and what is told again never counts as later: by its webhook-id, or by what it says', () => {
    for (const delivery of [undefined, 'msg_1']) {
      const first = moved(10, { ...heard(1), delivery });
      const both = taken(moved(11, { ...heard(2), delivery: delivery && 'msg_2' }), taken(first));
      expect(taken({ ...first, ...heard(3) }, both).startsAt).toBe(start(11));
      // Also where it was worked on only after the later one.
      const late = taken(first, taken(moved(11, { ...heard(2), delivery: delivery && 'msg_2' })));
      expect(taken({ ...first, ...heard(3) }, late).startsAt).toBe(start(11));
    }
    // The same words under another id are another event: it was moved back.
    const there = taken(
      moved(11, { ...heard(2), delivery: 'msg_2' }),
      taken(moved(10, { ...heard(1), delivery: 'msg_1' })),
    );
    expect(taken(moved(10, { ...heard(3), delivery: 'msg_3' }), there).startsAt).toBe(start(10));
  });

  it('of an earlier release nothing is known but the kind, and that decides', () => {
    const { receivedAt: _, heard: __, ...old } = taken(moved(10));
    expect(taken(moved(11, heard(5)), old).startsAt).toBe(start(10));
  });
});

describe('who is reminded', () => {
  const later = (over: Partial<Booking>): Booking => booking({ updatedAt: iso(NOW + 1000), ...over });
  const due = booking({ startsAt: iso(NOW + HOUR), receivedAt: iso(NOW - 50 * HOUR) });
  const told = (row: AppointmentRow): AppointmentRow => ({
    ...row,
    sent: { '2h': row.version },
    told: { '2h': row.standing },
  });

  it.each<[string, Partial<Booking>]>([
    ['number', { phones: [{ raw: '050-123-4568' }] }],
    ['name', { name: 'Noa' }],
    ['language', { locale: 'he' }],
    ['service', { service: 'Shave' }],
    ['place', { place: { zone: 'Europe/Paris' } }],
    ['conversation', { conversationId: 'c' }],
  ])(
    'with another %s what waits is no longer true, and is handed over once more, for the ledger to judge',
    (_, over) => {
      const row = told(taken(due));
      const corrected = taken({ ...due, updatedAt: iso(NOW + 1000), ...over }, row);
      expect(corrected.version).toBe(row.version);
      expect(corrected.standing).not.toBe(row.standing);
      expect(plan(corrected, config, NOW).due?.stage).toBe('2h');
      expect(commandOf(corrected, config, '2h')).toMatchObject({ key: 'appointment:A-1:2h', corrects: true });
      expect(plan(told(corrected), config, NOW).due).toBeUndefined();
    },
  );

  it('unchanged is not told again, however new the event', () => {
    const row = told(taken(due));
    const again = taken({ ...due, updatedAt: iso(NOW + 1000) }, row);
    expect(again.standing).toBe(row.standing);
    expect(plan(again, config, NOW)).toEqual({ alarms: [] });
  });

  it('of a row of an earlier release is what it says, without a second reminder', () => {
    const { told: _, ...old } = told({ ...taken(due), standing: 'v1' });
    expect(plan(old, config, NOW)).toEqual({ alarms: [] });
  });

  it('stays who it was where an event is about the time alone', () => {
    const row = taken(booking({ locale: 'he' }));
    const moved = later({ kind: 'moved', startsAt: '2026-11-26T12:30:00.000Z', phones: [], name: undefined });
    expect(taken({ ...moved, isAboutTime: true }, row)).toMatchObject({
      phone: '+972501234567',
      name: 'Dana',
      locale: 'he',
    });
    expect(taken(moved, row)).toMatchObject({ noPhone: 'no_usable_phone' });
  });

  it('booked again at the same time after a cancellation is handed over once more, for what waited may have expired', () => {
    const ended = taken(
      { kind: 'cancelled', id: 'A-1', updatedAt: iso(NOW + 1), receivedAt: iso(NOW + 1) },
      told(taken(due)),
    );
    const again = taken({ ...due, updatedAt: iso(NOW + 2), receivedAt: iso(NOW + 2) }, ended);
    expect(plan(again, config, NOW).due?.stage).toBe('2h');
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
