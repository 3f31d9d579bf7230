/** The region whose habits a language is written with: `en` for a client in Israel shows 14:15, for one in the US 2:15 PM. */
const localeOf = (locale: string, country: string): Intl.Locale => {
  const given = new Intl.Locale(locale);
  return given.region ? given : new Intl.Locale(locale, { region: country });
};

const STYLES = {
  date: { day: 'numeric', month: 'long' },
  day: { weekday: 'long' },
} as const;

/** `{time}`, `{date}` and `{day}` of an instant as the clocks of a zone show it, in words of a language. */
export const whenWords = (
  startsAt: string,
  zone: string,
  locale: string,
  country: string,
): Readonly<Record<'time' | keyof typeof STYLES, string>> => {
  const written = localeOf(locale, country);
  const halfDays = new Intl.DateTimeFormat(written, { hour: 'numeric' }).resolvedOptions().hour12;
  const say = (style: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(written, { ...style, timeZone: zone })
      .format(Date.parse(startsAt))
      // A narrow no-break space before PM in some versions of the language data and a plain one in others: one body, one form.
      .replace(/[\u202f\u00a0]/g, ' ');
  const time = say({ hour: halfDays ? 'numeric' : '2-digit', minute: '2-digit' });
  return { time, date: say(STYLES.date), day: say(STYLES.day) };
};
