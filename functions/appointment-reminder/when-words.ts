import { Temporal } from 'temporal-polyfill';
import { localeOf } from '../shared/wording/locale.ts';

const STYLES = {
  date: { day: 'numeric', month: 'long' },
  day: { weekday: 'long' },
} as const;

/** A day of the week in the accusative, where Russian has one, and its preposition. */
const onDayInRussian = (day: string): string =>
  `${day.startsWith('вт') ? 'во' : 'в'} ${day.replace(/^(сред|пятниц|суббот)а/, '$1у')}`;

/** "On" such a day. In languages that are not here the day stands as `Intl` writes it, which is right beside a time. */
const ON: Readonly<Record<string, (day: string) => string>> = {
  ar: (day) => `يوم ${day}`,
  de: (day) => `am ${day}`,
  en: (day) => `on ${day}`,
  es: (day) => `el ${day}`,
  fr: (day) => `le ${day}`,
  he: (day) => `ב${day}`,
  pt: (day) => `${/^(sábado|domingo)/.test(day) ? 'no' : 'na'} ${day}`,
  ru: onDayInRussian,
};

/** A start, the zone whose clocks tell it, and the zone of whoever is told if that is another one. */
export interface When {
  /** ISO 8601 instant. */
  readonly startsAt: string;
  /** IANA. */
  readonly zone: string;
  readonly otherZone?: string | undefined;
}

export interface WhenWords {
  readonly time: string;
  readonly date: string;
  readonly day: string;
  /** "today", "tomorrow" or "on Sunday, 6 December". */
  readonly when: string;
  /** What the zone is called, where clocks show another time for whoever is told. */
  readonly zone?: string | undefined;
  /** Epoch milliseconds: until then `when` is true, where it is a word of its day. */
  readonly holdsUntil?: number | undefined;
}

/**
 * `{time}`, `{date}`, `{day}`, `{when}` and `{zone}` of an instant as the clocks of a zone show it, in words of a language.
 * @param at epoch milliseconds, when the words are read
 */
export const whenWords = (
  { startsAt, zone, otherZone }: When,
  locale: string,
  country: string,
  at: number,
): WhenWords => {
  const written = localeOf(locale, country);
  const halfDays = new Intl.DateTimeFormat(written, { hour: 'numeric' }).resolvedOptions().hour12;
  const say = (style: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(written, { ...style, timeZone: zone })
      .format(Date.parse(startsAt))
      // A narrow no-break space before PM in some versions of the language data and a plain one in others: one body, one form.
      .replace(/[\u202f\u00a0]/g, ' ');
  const dayAt = (instant: Temporal.Instant): Temporal.PlainDate => instant.toZonedDateTimeISO(zone).toPlainDate();
  const today = dayAt(Temporal.Instant.fromEpochMilliseconds(at));
  const ahead = today.until(dayAt(Temporal.Instant.from(startsAt))).days;
  const isNear = ahead === 0 || ahead === 1;
  const onDay = say({ ...STYLES.day, ...STYLES.date });
  return {
    time: say({ hour: halfDays ? 'numeric' : '2-digit', minute: '2-digit' }),
    date: say(STYLES.date),
    day: say(STYLES.day),
    when: isNear
      ? new Intl.RelativeTimeFormat(written, { numeric: 'auto' }).format(ahead, 'day')
      : (ON[written.language]?.(onDay) ?? onDay),
    ...(otherZone && clocksDiffer(startsAt, zone, otherZone) && { zone: nameOf(startsAt, zone, written) }),
    ...(isNear && { holdsUntil: today.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds }),
  };
};

const clocksDiffer = (startsAt: string, one: string, other: string): boolean => {
  const [here, there] = [one, other].map((zone) => Temporal.Instant.from(startsAt).toZonedDateTimeISO(zone).offset);
  return here !== there;
};

const nameOf = (startsAt: string, timeZone: string, locale: Intl.Locale): string | undefined =>
  new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'longGeneric' })
    .formatToParts(Date.parse(startsAt))
    .find(({ type }) => type === 'timeZoneName')?.value;

/** As a sentence begins. */
export const capitalised = (text: string, locale: string): string => {
  const [first = '', ...others] = text;
  return first.toLocaleUpperCase(locale) + others.join('');
};

/** Around `{zone}`, of a text without it: brackets with all that stands in them, what it begins a line with, what it is added by. */
const AROUND_ZONE = [
  /(?<![^\S\n])[^\S\n]*[([][^()[\]{}\n]*\{zone\}[^()[\]{}\n]*[)\]]/g,
  /^\{zone\}[^\S\n]*[,:–—-]?[^\S\n]*/gm,
  /(?<![^\S\n])[^\S\n]*(?:[,–—-][^\S\n]*)?\{zone\}/g,
];

/** A text without its `{zone}`, and what stands around it. */
export const withoutZone = (body: string): string =>
  AROUND_ZONE.reduce((text, around) => text.replace(around, ''), body);
