/** The region whose habits a language is written with: `en` for a client in Israel shows 14:15, for one in the US 2:15 PM. */
export const localeOf = (locale: string, country: string): Intl.Locale => {
  const given = new Intl.Locale(locale);
  return given.region ? given : new Intl.Locale(locale, { region: country });
};
