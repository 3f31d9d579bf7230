import { type CountryCode, getCountries, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/min';
import plans from 'libphonenumber-js/min/metadata';

/** Languages in which forms of any country name countries; beside them the client's own and each region's own are known. */
const LANGUAGES = ['en', 'he', 'ar', 'fr', 'es', 'pt', 'de', 'ru'];

/** What people, shops and ISO 3166 write and `Intl` does not know, with `|` between. */
const ALIASES: Readonly<Partial<Record<CountryCode, string>>> = {
  AE: 'UAE|Emirates|Объединенные Арабские Эмираты|الإمارات|אמירויות|איחוד האמירויות',
  BQ: 'Bonaire|Bonaire, Saint Eustatius, Saba',
  BY: 'Weißrussland|Белоруссия|بيلاروسيا|روسيا البيضاء|בלרוס',
  CD: 'DR Congo|DRC|Congo DRC|Demokratische Republik Kongo|جمهورية الكونغو الديمقراطية',
  CG: 'Republik Kongo',
  CH: 'Swiss Confederation|Svizzera|Svizra',
  CI: 'Ivory Coast|Costa de Marfil|Elfenbeinküste',
  CN: "PRC|PR China|People's Republic of China|República Popular China|République populaire de Chine|Volksrepublik China|中國",
  CV: 'Kap Verde',
  CZ: 'Czech|tchèque|Tschechische',
  DE: 'BRD',
  DK: 'الدنمارك',
  DM: 'Commonwealth of Dominica',
  DO: 'Dominican Rep.',
  EH: 'Sahrawi',
  FK: 'Falklands|Falkland Malvinas Islands',
  FM: 'States of Micronesia',
  FR: 'French|française',
  GA: 'Gabonese',
  GB: 'UK|England|Scotland|Wales|Northern Ireland|Britain|Great Britain|Great Britain and Northern Ireland|Angleterre|Inglaterra|Grande-Bretagne|Gran Bretaña|Großbritannien|Англия|بريطانيا|אנגליה|בריטניה הגדולה|הממלכה המאוחדת',
  GE: 'גיאורגיה',
  GR: 'Hellenic',
  HK: 'Hong Kong China',
  HU: 'المجر',
  IE: 'Eire',
  IR: 'Irão',
  IT: 'Italian',
  KG: 'Kyrgyz',
  KI: 'Sovereign Kiribati',
  KN: 'Saint Christopher, Nevis',
  KP: 'DPRK|Северная Корея',
  KR: 'Korea|Corea|Corée|Coreia|Южная Корея',
  LA: 'Lao PDR',
  LB: 'Lebanese',
  LY: 'Libyan Jamahiriya',
  MD: 'Moldawien|Молдавия',
  MF: 'Saint Martin, French part',
  MK: 'FYROM|Macedonia|Former Yugoslav Macedonia',
  MM: 'Burma',
  MO: 'Macau China',
  MU: 'Île Maurice',
  MX: 'Mexican States|Méjico|Mexicanos Estados Unidos',
  NL: 'Holland|Holanda|Голландия',
  PS: 'Palestinian|West Bank|Gaza|הרשות הפלסטינית',
  PT: 'Portuguese',
  PW: 'Belau',
  RU: 'Russian|РФ|Российская',
  SA: 'KSA|Saudi|السعودية|סעודיה',
  SH: 'Saint Helena, Ascension, Tristan da Cunha',
  SK: 'Slovak',
  SM: 'Most Serene San Marino',
  SX: 'Saint Martin, Dutch part|Sint Maarten, Dutch part',
  SY: 'Syrian|سورية',
  SZ: 'Swaziland',
  TG: 'Togolese',
  TH: 'ประเทศไทย|تايلند',
  TL: 'East Timor',
  TN: 'Tunisian|טוניסיה',
  TR: 'Turkey|תורכיה',
  TW: 'Republic of China|Taiwan China|Taiwan, Province of China|中華民國',
  US: 'America|United States of America|Estados Unidos de América|États-Unis d’Amérique|Vereinigte Staaten von Amerika|Соединенные Штаты Америки|أمريكا|الولايات المتحدة الأمريكية|ארצות הברית של אמריקה',
  UY: 'Oriental Uruguay',
  VA: 'Vatican|Holy See',
  VI: 'United States Virgin Islands',
  ZA: 'RSA|ЮАР',
};

/** ISO 3166 alpha-3 that begins with its alpha-2. */
const ALPHA_3 =
  'AFGAIAALBARGASMAUSAZEBELBFABGRBHRBLMBMUBOLBRABTNBWACANCCKCHECIVCMRCOLCRICUBCXRCYPCZEDEUDJIDMADOMDZAECUEGYERIESPETHFINFJI' +
  'FRAGABGBRGEOGGYGHAGIBGMBGRCGTMGUMHKGHNDHRVHTIHUNIDNIMNINDIOTIRNISLITAJEYJORJPNKENKGZKHMKIRKNAKWTLAOLBNLCALIELKALSOLTULUX' +
  'LVAMARMCOMDAMHLMKDMLIMMRMNGMRTMSRMUSMWIMYSNAMNCLNERNFKNGANICNLDNORNPLNRUNZLOMNPANPERPHLPRIPSEQATREUROURUSRWASAUSDNSGPSHN' +
  'SJMSLESMRSOMSSDSTPSXMSYRTCATGOTHATJKTKLTLSTONTTOTWNTZAUGAUSAUZBVATVCTVENVGBVIRVNMVUTWSMXKKYEMZAFZMBZWE';

/** The others, each followed by its alpha-2. */
const ALPHA_3_AND_2 =
  'ABWAWAGOAOALAAXANDADAREAEARMAMATGAGAUTATBDIBIBENBJBESBQBGDBDBHSBSBIHBABLRBYBLZBZBRBBBBRNBNCAFCFCHLCLCHNCNCODCDCOGCGCOKCK' +
  'COMKMCPVCVCUWCWCYMKYDNKDKESHEHESTEEFLKFKFROFOFSMFMGINGNGLPGPGNBGWGNQGQGRDGDGRLGLGUFGFGUYGYIRLIEIRQIQISRILJAMJMKAZKZKORKR' +
  'LBRLRLBYLYMACMOMAFMFMDGMGMDVMVMEXMXMLTMTMNEMEMNPMPMOZMZMTQMQMYTYTNIUNUPAKPKPLWPWPNGPGPOLPLPRKKPPRTPTPRYPYPYFPFSENSNSLBSB' +
  'SLVSVSPMPMSRBRSSURSRSVKSKSVNSISWESESWZSZSYCSCTCDTDTKMTMTUNTNTURTRTUVTVUKRUAURYUYWLFWF';

const MAX_CHARACTERS = 100;

/** Articles, and what joins words. */
const SMALL = /^(THE|OF|AND|Y|E|ET|UND|VON|D|D[EIAOU]|D[EA]L|D[OE]S|D[IE]E|DER|EL|L|L[AE]S?|LOS|И)$/;

const REPUBLIC = '.*REPUBLI.*|REP|РЕСПУБЛИКА|جمهوريه|ה?רפובליק.';

/** What countries call themselves. */
const TITLES = new RegExp(
  `^(${REPUBLIC}|UNITED|KINGDOM|STATE|FEDERA.*|ISLAMI.*|ARAB(IC)?|PEOPLES|POPULA.*|DEM.*|SO[CZ]IALIST.*|COMMONWEALTH|` +
    'PRINCIPALITY|SULTANATE|BOLIVARIAN|PLURINATIONAL|INDEPENDENT|HASHEMITE|COOPERATIVE|GRAND|DUCHY|TERRITOR.*|SAR|BAILIWICK|UNION|OCCUPIED|' +
    'ROYAUME|ETAT|REINO|ESTADO|KONIGREICH|STAAT|КОРОЛЕВСТВО|ФЕДЕРАЦИЯ|مملكه|دوله|سلطنه|عربيه|اسلاميه|ממלכת|מדינת)$',
);

const ONLY_REPUBLIC = new RegExp(`^(${REPUBLIC})$`);

/** Where `democratic` is what parts two countries. */
const DEMOCRATIC: Readonly<Partial<Record<CountryCode, CountryCode>>> = { CG: 'CD', KR: 'KP' };

/** Under another title these are a neighbour, or a state within a country: Georgia in the US, Niger in Nigeria. */
const REPUBLICS = ['CG', 'GE', 'KR', 'NE'];

/** Under any title these may be another: the `Republic of China` is Taiwan's. */
const UNTITLED = ['CN', 'DM'];

/**
 * Without case, Hebrew points and the accents of Europe – in India's scripts a mark parts Togo from Tonga –, and with one form for
 * what is written in two: `ß` and `ss`, `ö` and `oe`, `ة` and `ه`.
 */
const folded = (name: string): string =>
  name
    .toUpperCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]+/g, '')
    .replace(/([AOU])E(?=[A-Z])/g, '$1')
    .replaceAll('ة', 'ه')
    .replaceAll('ى', 'ي')
    .replace(/(?<!\p{L})ال(?=\p{L})/gu, '');

/** Letters alone: `HongKong` and `cote divoire` are names too. */
const joined = (name: string): string => name.replace(/[^\p{L}\p{M}]+/gu, '');

const wordsOf = (name: string): string[] =>
  name
    .replace(/['’](?=S(?!\p{L}))|\.(?!\p{L}{2})/gu, '')
    .replace(/О-(?=ВА?(?!\p{L}))/gu, 'ОСТРО')
    .split(/[^\p{L}\p{M}]+/u)
    .map((word) => (/^(STE?|SINT)$/.test(word) ? 'SAINT' : word))
    .filter((word) => word !== '' && !SMALL.test(word));

/** One key for `Korea, Republic of` and `Republic of Korea`. */
const inAnyOrder = (words: readonly string[]): string => [...words].sort().join(' ');

/** Some short forms are another country's code, or a union's: in Spanish, `RU` is the Reino Unido. */
const isOthers = (name: string, code: CountryCode): boolean =>
  name !== code && (isSupportedCountry(name) || /^[EÉ]U$/.test(name));

type Names = readonly (readonly [name: string, code: CountryCode])[];

const namesIn = (language: string | Intl.Locale, codes: readonly CountryCode[]): Names =>
  (['long', 'short'] as const).flatMap((style) => {
    const names = new Intl.DisplayNames([language], { type: 'region', style });
    return codes.map((code) => [names.of(code) ?? code, code] as const);
  });

const ownNames = (code: CountryCode): Names => namesIn(new Intl.Locale(`und-${code}`).maximize(), [code]);

/** By the client's language. Made at the first address that names its country, for it takes some fifty milliseconds. */
const tables = new Map<string, ReadonlyMap<string, CountryCode>>();

const tableFor = (locale: string): ReadonlyMap<string, CountryCode> => {
  const known = tables.get(locale);
  if (known) return known;
  const codes = getCountries();
  const names = new Map([
    ...codes.flatMap(ownNames),
    ...[locale, ...LANGUAGES].flatMap((each) => namesIn(each, codes)),
  ]);
  const aliases = codes.flatMap((code) => (ALIASES[code] ?? '').split('|').map((name) => [name, code] as const));
  const made = new Map<string, CountryCode>([
    ...(ALPHA_3.match(/.{3}/g) ?? []).map((code) => [code, code.slice(0, 2) as CountryCode] as const),
    ...(ALPHA_3_AND_2.match(/.{5}/g) ?? []).map((pair) => [pair.slice(0, 3), pair.slice(3) as CountryCode] as const),
  ]);
  const folds = [...names, ...aliases]
    .filter(([name, code]) => !isOthers(joined(name.toUpperCase()), code))
    .map(([name, code]) => [folded(name), code] as const);
  for (const [fold, code] of folds) made.set(joined(fold), code);
  // After all whole names, for without its small words Hungarian's `Dél-Szudán` is Sudan.
  for (const [fold, code] of folds) {
    const key = joined(fold) === fold ? fold : inAnyOrder(wordsOf(fold));
    if (!made.has(key)) made.set(key, code);
  }
  made.delete('');
  tables.set(locale, made);
  return made;
};

/** 🇮🇱 is two letters in the dress of flags. */
const flagLetters = (text: string): string =>
  text.replace(
    /[\u{1F1E6}-\u{1F1FF}]{2}/gu,
    (flag) => `|${[...flag].map((sign) => String.fromCharCode((sign.codePointAt(0) ?? 0) - 0x1f1e6 + 65)).join('')}|`,
  );

/** A calling code, perhaps with what follows it in one of several countries that share it: `+1-876`. */
const NUMBER = /[\s_-]*(\+|\b00)?(\d+(?:[\s-]\d+)*)[\s_-]*/g;

const byCallingCode = (text: string): CountryCode | undefined => {
  const [, plus, digits = ''] = /^(\+|00)?(\d{1,3})$/.exec(text) ?? [];
  // A lone 1 is as likely the first choice of a list.
  if (digits.length < 2 && plus === undefined) return undefined;
  return plans.country_calling_codes[digits]?.[0];
};

const named = (text: string, locale: string): CountryCode | undefined => {
  const code = text.replace(/^[\s_-]+|[\s_-]+$/g, '').toUpperCase();
  if (/^[A-Z]{2}$/.test(code) && isSupportedCountry(code)) return code;
  const table = tableFor(locale);
  const fold = folded(text);
  const words = wordsOf(fold);
  const found = table.get(joined(fold)) ?? table.get(inAnyOrder(words));
  if (found) return found;
  const titles = words.filter((word) => TITLES.test(word));
  const untitled = table.get(inAnyOrder(words.filter((word) => !TITLES.test(word))));
  if (untitled === undefined) return undefined;
  const country = (titles.some((title) => title.startsWith('DEM')) && DEMOCRATIC[untitled]) || untitled;
  if (titles.length > 0 && UNTITLED.includes(country)) return undefined;
  if (REPUBLICS.includes(country) && !titles.every((title) => ONLY_REPUBLIC.test(title))) return undefined;
  return country;
};

/** Between the parts of a label; a space only beside a code, for it stands in names too. */
const BETWEEN = /[/|,;:()[\]–—]|\s-\s|(?<=^[a-z]{2,3})[\s_-]|[\s_-](?=[a-z]{2,3}$)/iu;

const labelled = (text: string, locale: string): CountryCode | undefined => {
  const whole = named(text, locale);
  if (whole) return whole;
  const parts = text.split(BETWEEN).filter((part) => /\p{L}/u.test(part));
  const agreed = new Set(parts.map((part) => named(part, locale)));
  return agreed.size === 1 ? [...agreed][0] : undefined;
};

/**
 * The country that an address or a form names: an ISO code of two or three letters, a name in the client's language, in one of
 * the usual ones or in the country's own, a flag, a calling code, or a label such as `Israel (+972)` and `IL – Israel` whose
 * parts all agree. `undefined` for anything else: `Other`, `-`, `Please select`.
 * @param locale the client's own
 */
export const countryOf = (text: string | undefined, locale: string): CountryCode | undefined => {
  const given = flagLetters(text ?? '').trim();
  if (given.length > MAX_CHARACTERS) return undefined;
  const words = given.replace(NUMBER, '|');
  if (!/\p{L}/u.test(words)) return byCallingCode(given);
  const country = labelled(words, locale);
  if (country === undefined) return undefined;
  const isCodeAlone = joined(words).length <= 3;
  const agrees = [...given.matchAll(NUMBER)].every(([, plus, number = '']) => {
    const code = getCountryCallingCode(country);
    const digits = number.replace(/\D/g, '');
    if (plus !== undefined) return digits.startsWith(code);
    // `IL 60601` is in Illinois.
    return !isCodeAlone || digits === code || (digits.length === code.length + 3 && digits.startsWith(code));
  });
  return agrees ? country : undefined;
};
