import { type CountryCode, getCountries, isSupportedCountry } from 'libphonenumber-js/min';
import plans from 'libphonenumber-js/min/metadata';

/** Languages in which forms of any country name countries; beside them the client's own and each region's own are known. */
const LANGUAGES = ['en', 'he', 'ar', 'fr', 'es', 'pt', 'de', 'ru'];

/** Codes and short names that people and shops write and `Intl` does not know. */
const SHORT_FORMS: Readonly<Record<string, CountryCode>> = {
  america: 'US',
  unitedstatesofamerica: 'US',
  estadosunidosdeamerica: 'US',
  ארהב: 'US',
  امريكا: 'US',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  northernireland: 'GB',
  britain: 'GB',
  greatbritain: 'GB',
  אנגליה: 'GB',
  בריטניה: 'GB',
  בריטניההגדולה: 'GB',
  holland: 'NL',
  הולנד: 'NL',
  emirates: 'AE',
  uae: 'AE',
  ksa: 'SA',
  korea: 'KR',
  southkorea: 'KR',
  turkey: 'TR',
  czechrepublic: 'CZ',
  ivorycoast: 'CI',
  macedonia: 'MK',
  swaziland: 'SZ',
  burma: 'MM',
  capeverde: 'CV',
  easttimor: 'TL',
  vatican: 'VA',
  uk: 'GB',
};

/** ISO 3166 alpha-3, each followed by its alpha-2. */
const ALPHA_3 =
  'ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATGAG AUSAU AUTAT AZEAZ BDIBI BELBE BENBJ BESBQ BFABF ' +
  'BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT BWABW CAFCF CANCA CCKCC CHECH CHLCL ' +
  'CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK ' +
  'DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH ' +
  'GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HNDHN HRVHR HTIHT HUNHU IDNID IMNIM ' +
  'INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW ' +
  'LAOLA LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH ' +
  'MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG ' +
  'NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS ' +
  'PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS ' +
  'STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN ' +
  'TURTR TUVTV TWNTW TZATZ UGAUG UKRUA URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XKKXK YEMYE ' +
  'ZAFZA ZMBZM ZWEZW';

const MAX_CHARACTERS = 100;

/** Letters alone, without case, accents and points: `Côte d’Ivoire` and `cote divoire` are one name. */
const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, '');

const namesIn = (language: string | Intl.Locale): [string, CountryCode][] =>
  (['long', 'short'] as const).flatMap((style) => {
    const names = new Intl.DisplayNames([language], { type: 'region', style });
    return getCountries().map((code): [string, CountryCode] => [plain(names.of(code) ?? code), code]);
  });

const ownLanguage = (code: CountryCode): Intl.Locale => new Intl.Locale(`und-${code}`).maximize();

const ownName = (code: CountryCode): [string, CountryCode] => [
  plain(new Intl.DisplayNames([ownLanguage(code)], { type: 'region' }).of(code) ?? code),
  code,
];

/** By the client's language. Made at the first address that names its country, for it takes some thirty milliseconds. */
const tables = new Map<string, ReadonlyMap<string, CountryCode>>();

const tableFor = (locale: string): ReadonlyMap<string, CountryCode> => {
  const known = tables.get(locale);
  if (known) return known;
  const made = new Map<string, CountryCode>([
    ...ALPHA_3.split(' ').map((pair): [string, CountryCode] => [
      pair.slice(0, 3).toLowerCase(),
      pair.slice(3) as CountryCode,
    ]),
    ...getCountries().map(ownName),
    ...[locale, ...LANGUAGES].flatMap(namesIn),
    ...(Object.entries(SHORT_FORMS) as [string, CountryCode][]),
  ]);
  tables.set(locale, made);
  return made;
};

/** 🇮🇱 is two letters in the dress of flags. */
const flagLetters = (text: string): string =>
  text.replace(
    /[\u{1F1E6}-\u{1F1FF}]{2}/gu,
    (flag) => `${[...flag].map((sign) => String.fromCharCode((sign.codePointAt(0) ?? 0) - 0x1f1e6 + 65)).join('')}|`,
  );

const byCallingCode = (text: string): CountryCode | undefined => {
  const [, plus, digits = ''] = /^(\+|00)?(\d{1,3})$/.exec(text) ?? [];
  // A lone 1 is as likely the first choice of a list.
  if (digits.length < 2 && plus === undefined) return undefined;
  return plans.country_calling_codes[digits]?.[0];
};

const named = (text: string, locale: string): CountryCode | undefined => {
  const code = text.toUpperCase();
  if (/^[A-Z]{2}$/.test(code) && isSupportedCountry(code)) return code;
  const name = plain(text);
  return name === '' ? byCallingCode(text) : tableFor(locale).get(name);
};

/** Between the parts of a label; not a space, which stands in names and between the words of `Choose it`. */
const BETWEEN = /[/|,;:()[\]–—]|\s-\s|\s(?=\+)/u;

/**
 * The country that an address or a form names: an ISO code of two or three letters, a name in the client's language, in one of
 * the usual ones or in the country's own, a flag, a calling code, or a label such as `Israel (+972)` and `IL – Israel` whose
 * parts all agree. `undefined` for anything else: `Other`, `-`, `Please select`.
 * @param locale the client's own
 */
export const countryOf = (text: string | undefined, locale: string): CountryCode | undefined => {
  const given = flagLetters(text ?? '').trim();
  if (given.length > MAX_CHARACTERS) return undefined;
  const whole = named(given, locale);
  if (whole) return whole;
  const parts = given.split(BETWEEN).filter((part) => part.trim() !== '');
  const agreed = new Set(parts.map((part) => named(part.trim(), locale)));
  return agreed.size === 1 ? [...agreed][0] : undefined;
};
