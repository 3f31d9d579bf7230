import { type CountryCode, getCountries, getCountryCallingCode } from 'libphonenumber-js/min';
import { describe, expect, it } from 'vitest';
import { countryOf } from '../../functions/shared/people/country.ts';

/** As ISO 3166, drop-down lists of shops and forms, and people write them; with `|` between. */
const NAMES: Readonly<Record<string, string>> = {
  AE: 'United Arab Emirates (the)|the UAE|U.A.E.|Emirates|AE-971|ae_971|AE +971|الإمارات|الامارات|دولة الإمارات|الإمارات العربية المتحدة|איחוד האמירויות|אמירויות|Объединённые Арабские Эмираты|ОАЭ',
  AF: 'Islamic Republic of Afghanistan',
  AG: 'Antigua and Barbuda|Antigua & Barbuda',
  AR: 'República Argentina|Argentine Republic|Argentina, Republic of',
  AS: 'American Samoa|Samoa, American',
  AT: 'Oesterreich|ÖSTERREICH|Republik Österreich|Republic of Austria',
  AU: 'Commonwealth of Australia',
  AX: 'Aland Islands|Åland',
  BA: 'Bosnia and Herzegovina|Bosnia & Herzegovina|Bosnia|Bosnia y Herzegovina|Bosnia-Herzegovina',
  BD: "People's Republic of Bangladesh",
  BE: 'Belgique/België|Kingdom of Belgium|Royaume de Belgique',
  BH: 'Kingdom of Bahrain|مملكة البحرين|بحرين',
  BL: 'Saint Barthélemy|St Barthelemy',
  BN: 'Brunei Darussalam',
  BO: 'Bolivia (Plurinational State of)|Bolivia, Plurinational State of',
  BQ: 'Bonaire, Sint Eustatius and Saba|Bonaire, Saint Eustatius and Saba|Bonaire',
  BR: 'Federative Republic of Brazil|República Federativa do Brasil',
  BS: 'The Bahamas|Bahamas (the)|Bahamas, The',
  BY: 'Белоруссия|בלרוס|Weißrussland|Republic of Belarus',
  CA: 'Canada (+1)|🇨🇦 Canada +1|CA +1',
  CC: 'Cocos (Keeling) Islands (the)|Cocos (Keeling) Islands',
  CD: 'Congo, the Democratic Republic of the|Congo (Democratic Republic of the)|Congo (the Democratic Republic of the)|Democratic Republic of the Congo|DR Congo|D.R. Congo|DRC|Congo, Dem. Rep.|Congo (DRC)|Congo (Kinshasa)|République démocratique du Congo|República Democrática do Congo|Demokratische Republik Kongo|جمهورية الكونغو الديمقراطية',
  CF: 'Central African Republic (the)',
  CG: 'Congo|Congo (the)|Congo (Brazzaville)|Republic of the Congo|Congo, Republic of the|Congo, Rep.|République du Congo|Republik Kongo',
  CH: 'Schweiz/Suisse/Svizzera/Svizra|Swiss Confederation',
  CI: "Cote D'Ivoire|Ivory Coast|Costa de Marfil|Elfenbeinküste|Republic of Côte d'Ivoire",
  CN: "People's Republic of China|China, People's Republic of|PRC|P.R. China|República Popular China|中國|中国",
  CO: 'República de Colombia|Republic of Colombia',
  CV: 'Cape Verde|Cabo Verde|Kap Verde',
  CW: 'Curacao',
  CZ: 'Czech Republic|Czech Rep.|Czechia|Česko|Tschechische Republik|République tchèque',
  DE: 'Germany 🇩🇪|🇩🇪Germany|Germany DE|DE Germany|DE-Germany|Federal Republic of Germany|Deutschland, Bundesrepublik|Bundesrepublik Deutschland|BRD|Germany 10115|Germany (49)',
  DM: 'Dominica|Commonwealth of Dominica',
  DO: 'Dominican Republic (the)|Dominican Rep.|República Dominicana|Dominican Republic (+1-809)|Dominican Republic +1 829',
  DZ: "People's Democratic Republic of Algeria|جزائر",
  EG: 'Arab Republic of Egypt|Egypt, Arab Rep.|جمهورية مصر العربية',
  EH: 'Western Sahara',
  ES: 'Kingdom of Spain|Reino de España',
  ET: 'Federal Democratic Republic of Ethiopia',
  FK: 'Falkland Islands (Malvinas)|Falkland Islands (the) [Malvinas]|Falkland Islands',
  FM: 'Micronesia, Federated States of|Micronesia (Federated States of)|Federated States of Micronesia',
  FO: 'Faroe Islands (the)',
  FR: 'French Republic|République française',
  GB: 'United Kingdom (UK)|U.K.|UK|United Kingdom of Great Britain and Northern Ireland|United Kingdom of Great Britain and Northern Ireland (the)|Great Britain|Northern Ireland|Ireland, Northern|Großbritannien|Grossbritannien|GROSSBRITANNIEN|Angleterre|Inglaterra|Англия|אנגליה|בריטניה|הממלכה המאוחדת|بريطانيا|England (+44)',
  GE: 'Georgia|Republic of Georgia|גיאורגיה|גאורגיה',
  GG: 'Guernsey (+44-1481)|Bailiwick of Guernsey',
  GM: 'The Gambia|Gambia (the)|Gambia, The|Republic of The Gambia',
  GN: 'Guinea|Republic of Guinea',
  GQ: 'Equatorial Guinea|Guinea, Equatorial|Republic of Equatorial Guinea',
  GR: 'Hellenic Republic',
  GW: 'Guinea-Bissau|Guinea Bissau|Republic of Guinea-Bissau',
  HK: '香港|Hong Kong SAR|Hong Kong, China|HongKong',
  HR: 'Republic of Croatia',
  IE: 'Republic of Ireland|Ireland (Republic)|Eire|Éire',
  IL: 'State of Israel|מדינת ישראל|اسرائيل|IL 972|Israel 972|(+972) Israel|Israel_IL',
  IM: 'Isle of Man|Isle of Man +44',
  IR: 'Iran, Islamic Republic of|Iran (Islamic Republic of)|Iran, Islamic Rep.|Irão',
  IT: 'Italian Republic',
  JM: 'Jamaica (+1876)|Jamaica (+1-876)|Jamaica (1-876)',
  JO: 'Hashemite Kingdom of Jordan|ממלכת ירדן|الاردن|أردن',
  KG: 'Kyrgyz Republic',
  KN: 'Saint Kitts and Nevis|St Kitts & Nevis|St. Kitts and Nevis',
  KP: "Korea, Democratic People's Republic of|Korea (the Democratic People's Republic of)|Democratic People’s Republic of Korea|Korea, Dem. People's Rep.|DPRK|North Korea|República Popular Democrática de Corea|Северная Корея",
  KR: 'Korea, Republic of|Korea (the Republic of)|Korea (Republic of)|Republic of Korea|Korea, Rep.|Korea|South Korea|República de Corea|한국|대한민국|Южная Корея',
  KW: 'دولة الكويت|State of Kuwait|كويت',
  KY: 'Cayman Islands (the)|Cayman Islands',
  KZ: 'Kazakhstan +7|Republic of Kazakhstan',
  LA: "Lao People's Democratic Republic|Lao People's Democratic Republic (the)|Lao PDR|Laos",
  LC: 'Saint Lucia|St. Lucia|St Lucia|St.Lucia|Saint-Lucia',
  LY: 'Libyan Arab Jamahiriya|State of Libya',
  MD: 'Moldova, Republic of|Moldova (the Republic of)|Republic of Moldova|Молдавия|Moldawien',
  MF: 'Saint Martin (French part)|Saint Martin|St. Martin',
  MH: 'Marshall Islands (the)',
  MK: 'Macedonia, the former Yugoslav Republic of|Republic of North Macedonia|North Macedonia|FYROM',
  MM: 'Burma|Myanmar (Burma)|Republic of the Union of Myanmar',
  MO: 'Macau|Macao|Macao SAR',
  MX: 'Estados Unidos Mexicanos|United Mexican States|Méjico|MEXICO',
  NE: 'Niger|Niger (the)|Republic of the Niger',
  NG: 'Nigeria|Federal Republic of Nigeria',
  NL: 'The Netherlands|Netherlands (the)|Netherlands, The|Netherlands (Kingdom of the)|Kingdom of the Netherlands|Holland|Holanda',
  OM: 'سلطنة عمان|Sultanate of Oman',
  PG: 'Papua New Guinea|Independent State of Papua New Guinea',
  PH: 'Philippines (the)|The Philippines',
  PM: 'Saint Pierre and Miquelon',
  PS: 'Palestine, State of|State of Palestine|Palestinian Territory, Occupied|Occupied Palestinian Territory|Palestinian Territory|Palestinian Territories|West Bank|Gaza|הרשות הפלסטינית|פלסטין|فلسطين',
  PW: 'Belau|Palau',
  QA: 'State of Qatar|دولة قطر',
  RE: 'Reunion|La Réunion',
  RU: 'Российская Федерация|Russian Federation|Russian Federation (the)|РФ|Россия',
  SA: 'السعودية|سعودية|المملكة العربية السعودية|Kingdom of Saudi Arabia|KSA|K.S.A.|סעודיה|ערב הסעודית',
  SD: 'Sudan (the)|Republic of the Sudan',
  SH: 'Saint Helena, Ascension and Tristan da Cunha|Saint Helena',
  SJ: 'Svalbard and Jan Mayen',
  SK: 'Slovak Republic|Slovakia (Slovak Republic)',
  SS: 'South Sudan|Republic of South Sudan',
  ST: 'Sao Tome and Principe|São Tomé & Príncipe|Democratic Republic of São Tomé and Príncipe',
  SX: 'Sint Maarten (Dutch part)|Saint Martin (Dutch part)|Sint Maarten|St. Maarten',
  SY: 'Syrian Arab Republic|Syrian Arab Republic (the)|سورية|سوريا',
  SZ: 'Swaziland|Kingdom of Eswatini',
  TC: 'Turks and Caicos Islands (the)|Turks & Caicos Islands',
  TH: 'ประเทศไทย|ไทย|Kingdom of Thailand',
  TL: 'East Timor|Timor Leste|Democratic Republic of Timor-Leste',
  TR: 'Turkey|Turkiye|TÜRKİYE|תורכיה|טורקיה|Republic of Türkiye',
  TT: 'Trinidad and Tobago|Trinidad & Tobago|Trinidad&Tobago|Trinidad and Tobago (+1-868)',
  TW: 'Taiwan, Province of China|Taiwan (Province of China)|Taiwan|Republic of China|Taiwan (Republic of China)|台灣',
  TZ: 'Tanzania, United Republic of|Tanzania (the United Republic of)|United Republic of Tanzania',
  US: "USA|U.S.A.|U.S.|US|United States (US)|United States of America (the)|United States of America|EE.UU.|E.U.A.|États-Unis d'Amérique|Vereinigte Staaten von Amerika|Соединённые Штаты Америки|الولايات المتحدة الأمريكية|أمريكا|ארצות הברית של אמריקה|ארה״ב|United States (+1)|1 - United States",
  VA: 'Holy See (Vatican City State)|Holy See (the)|Holy See|Vatican|Vatican City (+39)',
  VC: 'Saint Vincent and the Grenadines|St Vincent & the Grenadines',
  VE: 'Venezuela, Bolivarian Republic of|Venezuela (Bolivarian Republic of)',
  VG: 'Virgin Islands, British|Virgin Islands (British)|British Virgin Islands',
  VI: 'Virgin Islands, U.S.|Virgin Islands (U.S.)|Virgin Islands (US)|United States Virgin Islands|U.S. Virgin Islands',
  VN: 'Viet Nam|Vietnam|Việt Nam|Socialist Republic of Viet Nam',
  WF: 'Wallis and Futuna',
  WS: 'Samoa|Independent State of Samoa',
  ZA: 'RSA|ЮАР|Republic of South Africa',
};

/** They name no country, or not certainly one: wrongly read, a stranger gets the message. */
const NOBODYS = [
  'Virgin Islands',
  'Netherlands Antilles',
  'European Union',
  'EU',
  'Republic',
  'The',
  'United',
  'State',
  'Kingdom of',
  'State of Georgia',
  'Georgia (State)',
  'Estado de Georgia',
  'Georgia US',
  'Georgia USA',
  'Georgia (US)',
  'Georgia, GA',
  'Niger State',
  'Republica Dominica',
  'República da China',
  'New Mexico',
  'New Jersey',
  'New Guinea',
  'Northern Cyprus',
  'South Georgia and the South Sandwich Islands',
  'United States Minor Outlying Islands',
  'Antarctica',
  'Korea or Japan',
  'CA 90210',
  'IL 60601',
  'AL 35540',
  'Chicago IL',
  'Israel (+44)',
  'Israel +1',
  'Germany 🇮🇱',
  'AE-972',
  'R.U.',
  'Choose one',
];

const LANGUAGES = ['en', 'he', 'ar', 'fr', 'es', 'pt', 'de', 'ru'];

/** Left out on purpose: another country's code, or the European Union. */
const ABBREVIATIONS = ['RU', 'R.-U.', 'É.-U.'];

const wrong = (names: readonly (readonly [string, CountryCode | undefined])[], locale = 'en'): string[] =>
  names
    .filter(([name]) => !ABBREVIATIONS.includes(name))
    .filter(([name, code]) => countryOf(name, locale) !== code)
    .map(([name, code]) => `${name}: ${countryOf(name, locale)} instead of ${code}`);

const intl = (language: string): [string, CountryCode][] =>
  (['long', 'short'] as const).flatMap((style) => {
    const names = new Intl.DisplayNames([language], { type: 'region', style });
    return getCountries().map((code): [string, CountryCode] => [names.of(code) ?? '', code]);
  });

describe('names of countries', () => {
  it('are read as ISO, shops, forms and people write them', () => {
    const names = Object.entries(NAMES).flatMap(([code, list]) =>
      list.split('|').map((name) => [name, code as CountryCode] as const),
    );
    expect(names.length).toBeGreaterThan(250);
    expect(wrong(names)).toEqual([]);
  });

  it('that are nobody’s for certain count as not given', () => {
    expect(wrong(NOBODYS.map((name) => [name, undefined]))).toEqual([]);
  });

  it('never mean two countries, in any of the usual languages', () => {
    expect(LANGUAGES.flatMap((language) => wrong(intl(language)))).toEqual([]);
  });

  // Marks and small words part Togo from Tonga, Ghana from Guinea and Sudan from South Sudan in these.
  it.each(['hi', 'km', 'ta', 'hu', 'cy', 'vi', 'tr', 'zh-Hant'])(
    "never mean two countries in a client's %s",
    (locale) => {
      expect(wrong(intl(locale), locale)).toEqual([]);
    },
  );

  it('keep their meaning with an article or a title before or behind them', () => {
    const english = intl('en').filter(([name]) => !/China|Dominica|Republic|Territory|United/.test(name));
    const titled = english.flatMap(([name, code]): [string, CountryCode][] => [
      [`The ${name}`, code],
      [`${name} (the)`, code],
      [name.toUpperCase(), code],
      [name.replaceAll('&', 'and').replaceAll('St.', 'Saint'), code],
      [`Republic of ${name}`, code],
      [`${name}, Republic of`, code],
    ]);
    expect(wrong(titled)).toEqual([]);
  });

  it('hold beside their own calling code, and not beside another', () => {
    const english = intl('en');
    expect(wrong(english.map(([name, code]) => [`${name} (+${getCountryCallingCode(code)})`, code]))).toEqual([]);
    expect(wrong(english.map(([name]) => [`${name} (+999)`, undefined]))).toEqual([]);
  });
});
