import { optionalLink } from '../../../shared/door/body-shape.ts';
import { jsonIn } from '../../../shared/runtime/json.ts';
import { plainText } from '../../../shared/wording/plain-text.ts';
import type { Part } from '../../schema.ts';
import { plainNumber } from '../../tracking-number.ts';
import type { Settings } from './settings.ts';

/** What a plug-in adds to an order or to a line of it. */
export interface Meta {
  readonly key?: string | undefined;
  readonly value?: unknown;
}

interface Order {
  readonly meta_data: readonly Meta[];
  readonly line_items: readonly { readonly meta_data: readonly Meta[] }[];
  readonly shipping_lines: readonly { readonly meta_data: readonly Meta[] }[];
}

/** Where numbers stand: a text with commas, an object, a list of objects, or one of these as JSON in a text. */
interface Place {
  readonly key: string;
  /** Keys beside it, and what the carrier is called where none says it. */
  readonly carrier?: readonly string[];
  readonly url?: string;
  readonly name?: string;
  /** It holds no more than the first of several, so that another one is none the less. */
  readonly isFirst?: true;
}

const PLACES: readonly Place[] = [
  { key: '_wc_shipment_tracking_items' },
  { key: '_aftership_tracking_items' },
  { key: '_parcelpanel_shipping_numbers' },
  {
    key: '_tracking_number',
    carrier: ['_custom_tracking_provider', '_tracking_provider'],
    url: '_custom_tracking_link',
  },
  { key: '_aftership_tracking_number', carrier: ['_aftership_tracking_provider_name'], isFirst: true },
  { key: 'ywot_tracking_code', carrier: ['ywot_carrier_name', 'ywot_carrier_id'], url: 'ywot_carrier_url' },
  { key: '_wot_tracking_number', carrier: ['_wot_tracking_carrier'] },
  { key: '_pr_shipment_dhl_label_tracking', name: 'DHL' },
  { key: '_correios_tracking_code', name: 'Correios' },
  { key: '_vp_woo_pont_parcel_number', carrier: ['_vp_woo_pont_provider'] },
];
/** Of a line of an order: what took the place of what, so that the last one is meant. */
const HISTORY = '_vi_wot_order_item_tracking_data';
/** The parcels of all pieces of that line but the first. */
const OF_PIECES = '_vi_wot_order_item_tracking_data_by_quantity';
/** What was bought, which is not what was sent; where nothing else is said it is. */
const LABELS = ['wcshipping_labels', 'wc_connect_labels'];

const NUMBERS = ['tracking_number', 'tracking'];
const CARRIERS = [
  'custom_tracking_provider',
  'carrier_name',
  'courier_name',
  'tracking_provider',
  'courier_code',
  'slug',
  'carrier_slug',
  'carrier_id',
];
const URLS = ['custom_tracking_link', 'tracking_link', 'carrier_url', 'tracking_url'];
const DATES = ['date_shipped', 'fulfilled_at', 'time'];

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? plainText(String(value)) : undefined;

const firstIn = (fields: Fields, names: readonly string[]): unknown =>
  names.map((name) => fields[name]).find((value) => textIn(value) !== undefined || Array.isArray(value));

/** Anything that stands in such a field for want of a number is shorter, or has no digit. */
const isNumber = (text: string): boolean => {
  const id = plainNumber(text);
  return id.length >= 3 && text.length <= 60 && /[1-9]/.test(id) && !/^https?:/i.test(text);
};

const numbersIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .flatMap((one) => (textIn(one) ?? '').split(/[,;|\n]/))
    .map((one) => one.replace(/\s+/g, ' ').trim())
    .filter(isNumber);

const IN_CAPITALS = new Set('brt ctt dhl dpd dtdc ems eu gls mrw sda tnt uk ups us usps'.split(' '));
const BY_NAME: Readonly<Record<string, string>> = { fedex: 'FedEx', inpost: 'InPost', postnl: 'PostNL' };

const word = (slug: string): string =>
  BY_NAME[slug] ?? (IN_CAPITALS.has(slug) ? slug.toUpperCase() : slug.charAt(0).toUpperCase() + slug.slice(1));

/** `dhl-express` as people read it; what somebody wrote for people stays. */
const carrierIn = (value: unknown): string | undefined => {
  const text = textIn(value);
  return text !== undefined && /^[a-z\d]+([-_][a-z\d]+)*$/.test(text) ? text.split(/[-_]/).map(word).join(' ') : text;
};

const PLACE_OF_NUMBER = /%1\$s|\{(?:tracking_)?number\}/g;
/** Any other place to be filled, such as that of a postcode. */
const UNFILLED = /%(?![\da-f]{2})|[{}]/i;

const urlFor = (value: unknown, number: string): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const filled = value
    .replaceAll('&amp;', '&')
    .replace(PLACE_OF_NUMBER, () => encodeURIComponent(number.replace(/\s+/g, '')));
  return UNFILLED.test(filled) ? undefined : optionalLink.safeParse(filled).data;
};

const DAY_MS = 24 * 3600_000;

/** Epoch milliseconds: the end of a day, where no more than a day was written. */
const momentIn = (value: unknown): number | undefined => {
  const text = textIn(value) ?? '';
  const at = /^\d{9,10}$/.test(text) ? Number(text) * 1000 : Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? text : '');
  if (Number.isNaN(at)) return undefined;
  return at % DAY_MS === 0 ? at + DAY_MS : at;
};

interface Parcel extends Part {
  readonly number: string;
  /** Epoch milliseconds. */
  readonly at?: number | undefined;
}

const parcels = (numbers: unknown, carrier: unknown, url: unknown, date?: unknown): Parcel[] =>
  numbersIn(numbers).map((number) => ({
    id: plainNumber(number),
    carrier: carrierIn(carrier),
    number,
    url: urlFor(url, number),
    at: momentIn(date),
  }));

const parcelsOf = (fields: Fields, name?: string): Parcel[] =>
  parcels(firstIn(fields, NUMBERS), firstIn(fields, CARRIERS) ?? name, firstIn(fields, URLS), firstIn(fields, DATES));

/** PHP writes a list with gaps as an object, and nothing as an empty text. Undefined for what is neither. */
const entriesIn = (value: unknown): readonly unknown[] | undefined => {
  const isJson = typeof value === 'string' && /^\s*[[{]/.test(value);
  const given = isJson ? jsonIn(value) : value;
  if (given === '' || given === null) return [];
  if (Array.isArray(given)) return given;
  if (!isFields(given)) return isJson ? undefined : [given];
  return NUMBERS.some((name) => name in given) ? [given] : Object.values(given);
};

interface Found {
  readonly parcels: readonly Parcel[];
  /** False where something stands there that cannot be read. */
  readonly isRead: boolean;
  readonly isFirst?: true | undefined;
}

const fieldsOf = (meta: readonly Meta[]): Fields =>
  Object.fromEntries(meta.flatMap(({ key, value }) => (key === undefined ? [] : [[key, value]])));

const foundIn = (value: unknown, read: (entries: readonly unknown[]) => readonly Parcel[]): Found => {
  const entries = entriesIn(value);
  return { parcels: read(entries ?? []), isRead: entries !== undefined };
};

const foundAt = (meta: readonly Meta[], { key, carrier = [], url, name, isFirst }: Place): Found[] => {
  const beside = fieldsOf(meta);
  const read = (entries: readonly unknown[]): Parcel[] =>
    entries.flatMap((entry) =>
      isFields(entry)
        ? parcelsOf(entry, name)
        : parcels(entry, firstIn(beside, carrier) ?? name, url === undefined ? undefined : beside[url]),
    );
  return meta.filter((one) => one.key === key).map(({ value }) => ({ ...foundIn(value, read), isFirst }));
};

const ofEach = (entries: readonly unknown[]): Parcel[] => entries.filter(isFields).flatMap((one) => parcelsOf(one));

const ofLine = ({ meta_data }: Order['line_items'][number]): Found[] =>
  meta_data.flatMap(({ key, value }) => {
    if (key === HISTORY) return [foundIn(value, (entries) => ofEach(entries.slice(-1)))];
    return key === OF_PIECES ? [foundIn(value, ofEach)] : [];
  });

const isBought = ({ status = 'PURCHASED', refund, error }: Fields): boolean =>
  status === 'PURCHASED' && !refund && !error;

const labels = ({ meta_data }: Order): Parcel[] =>
  meta_data
    .filter(({ key }) => key !== undefined && LABELS.includes(key))
    .flatMap(({ value }) => ofEach((entriesIn(value) ?? []).filter(isFields).filter(isBought)));

const allMeta = ({ meta_data, line_items, shipping_lines }: Order): readonly (readonly Meta[])[] => [
  meta_data,
  ...[...line_items, ...shipping_lines].map((line) => line.meta_data),
];

const placesIn = (order: Order, tracking: Settings['tracking']): Found[] => {
  if (tracking === 'off') return [];
  if (tracking === undefined) {
    return [...PLACES.flatMap((place) => foundAt(order.meta_data, place)), ...order.line_items.flatMap(ofLine)];
  }
  const { key, carrier, url } = tracking;
  const place = { key, ...(carrier && { carrier: [carrier] }), ...(url && { url }) };
  return allMeta(order).flatMap((meta) => foundAt(meta, place));
};

/** More is no order that people follow parcel by parcel. */
const MOST = 50;

/** What an order says of its parcels. */
export interface Parcels {
  readonly parts: readonly Part[];
  /** Nothing else was sent. */
  readonly isAll: boolean;
  /** Epoch milliseconds: when the last of them went, where they say so. */
  readonly latest: number | undefined;
}

/** Plug-ins read one another's: one parcel stands under several keys, and of each is taken what the others lack. */
const once = (found: readonly Parcel[]): Parcel[] => {
  const byId = new Map<string, Parcel>();
  for (const one of found) {
    const { carrier = one.carrier, url = one.url, ...known } = byId.get(one.id) ?? one;
    byId.set(one.id, { ...known, carrier, url });
  }
  return [...byId.values()];
};

/**
 * The parcels of an order, whichever plug-in wrote them. A key that is not there says nothing, for some take it away with the last
 * number, and others were not there yet; one that is there and empty says that there are none.
 */
export const parcelsIn = (order: Order, tracking: Settings['tracking']): Parcels => {
  const found = placesIn(order, tracking);
  const said = found.flatMap(({ parcels: some }) => some);
  const all = once(said.length > 0 || tracking !== undefined ? said : labels(order));
  const dates = all.flatMap((parcel) => parcel.at ?? []);
  return {
    parts: all.slice(0, MOST).map(({ at: _, ...part }) => part),
    isAll: all.length <= MOST && found.some(({ isFirst }) => !isFirst) && found.every(({ isRead }) => isRead),
    latest: dates.length > 0 ? Math.max(...dates) : undefined,
  };
};
