/** The region whose habits a language is written with: `en` for a client in Israel shows 14:15, for one in the US 2:15 PM. */
const localeOf = (locale: string, country: string): Intl.Locale => {
  const given = new Intl.Locale(locale);
  return given.region ? given : new Intl.Locale(locale, { region: country });
};

const STYLES = {
  time: { hour: 'numeric', minute: '2-digit' },
  date: { day: 'numeric', month: 'long' },
  day: { weekday: 'long' },
} as const;

/** `{time}`, `{date}` and `{day}` of an instant as the clocks of a zone show it, in words of a language. */
export const whenWords = (
  startsAt: string,
  zone: string,
  locale: string,
  country: string,
): Readonly<Record<keyof typeof STYLES, string>> => {
  const say = (style: keyof typeof STYLES): string =>
    new Intl.DateTimeFormat(localeOf(locale, country), { ...STYLES[style], timeZone: zone })
      .format(Date.parse(startsAt))
      // A narrow no-break space before PM in some versions of the language data and a plain one in others: one body, one form.
      .replace(/[\u202f\u00a0]/g, ' ');
  return { time: say('time'), date: say('date'), day: say('day') };
};
