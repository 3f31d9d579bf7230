import { Invalid } from '../runtime/errors.ts';

const CAMPAIGNS =
  'One event makes one message to one person. Campaigns belong to the Platform customer-admin campaign surface, not to this API.';

/** Names that mean lists of people, so that one in them is one beside the customer; the others stand for other things too: line numbers, a place. */
const RECIPIENTS = ['recipients', 'audience', 'customers'];
/** Here numbers may be of invoices or places: what counts is written as a phone is, or too long for anything else. */
const OPEN = ['contacts', 'numbers', 'to'];
const LISTS = [...RECIPIENTS, 'phones', ...OPEN];
/** A person has a mobile, one at work and one at home; who puts more into one field means a list. */
const MOST_OF_ONE = 3;
const LEAST_DIGITS = 7;
const LEAST_DIGITS_OF_OPEN = 11;
/** What one number has in common however it is written: with its country or a zero before it. */
const OWN_DIGITS = 9;
const CAMPAIGN_TYPE = /^(campaign|broadcast|bulk|marketing|newsletter)\b/i;
/** What a person's number is called. */
const PHONE_NAME = /phone|mobile|cell|whatsapp|msisdn|^(tel|number|to|recipient)$/i;
const OPEN_NAME = /^(number|to)$/i;
/** Lists within lists, and people within what is told of each. */
const MAX_DEPTH = 4;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Around a number, and between its digits, among them characters without width and other hyphens. */
const AROUND = /^\s*(?:tel|callto|sms|whatsapp|p):(?:\/\/)?|@(?:s\.whatsapp\.net|c\.us)\s*$/gi;
const BETWEEN = /[\s()./\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069\u2212\ufeff-]+/g;

const digitsOf = (number: string): string => number.replaceAll('+', '');

type IsPhone = (number: string) => boolean;
const isPhone: IsPhone = (number) => /^\p{Nd}+$/u.test(digitsOf(number)) && digitsOf(number).length >= LEAST_DIGITS;
const isSurelyPhone: IsPhone = (number) =>
  isPhone(number) && (/^[+0]/.test(number) || number.length >= LEAST_DIGITS_OF_OPEN);

/** Numbers that stand side by side in one text, each once. Split and counted, for one pattern over all of a long text would take minutes. */
const phonesIn = (value: unknown, is: IsPhone = isPhone): ReadonlySet<string> => {
  const texts = typeof value === 'string' || typeof value === 'number' ? String(value).split(/[,;|\n]/) : [];
  const numbers = texts.map((text) => text.replace(AROUND, '').replace(BETWEEN, '')).filter(is);
  return new Set(numbers.map((number) => digitsOf(number).slice(-OWN_DIGITS)));
};

/** Who is named by a phone in a value, each once: of what is told of one person, however many numbers there are, one. */
const peopleIn = (value: unknown, is: IsPhone = isPhone, depth = 0): ReadonlySet<string> => {
  if (depth > MAX_DEPTH) return new Set();
  const all = (values: readonly unknown[]) => new Set(values.flatMap((one) => [...peopleIn(one, is, depth + 1)]));
  if (Array.isArray(value)) return all(value);
  if (!isObject(value)) return phonesIn(value, is);
  const named = Object.entries(value)
    .filter(([name]) => PHONE_NAME.test(name))
    .map(([name, one]) => [...phonesIn(one, OPEN_NAME.test(name) ? is : isPhone)])
    .filter((phones) => phones.length > 0);
  const [first] = named;
  if (first) return new Set(named.find((phones) => phones.length > MOST_OF_ONE) ?? first.slice(0, 1));
  // Of a list by names (`{ dana: '+972…' }`) only what can be nothing but a phone.
  return all(Object.values(value).filter((one) => typeof one === 'object' || String(one).trim().startsWith('+')));
};

/** One number in a list, with or without junk beside it, is what some senders make of a single field. */
const isSeveral = (value: unknown): boolean =>
  typeof value === 'object' ? peopleIn(value).size > 1 : phonesIn(value).size > MOST_OF_ONE;

const isList = (name: string, value: unknown): boolean =>
  peopleIn(value, OPEN.includes(name) ? isSurelyPhone : isPhone).size > (RECIPIENTS.includes(name) ? 0 : 1);

const holdsList = (value: unknown): boolean =>
  isObject(value) && LISTS.some((name) => Object.hasOwn(value, name) && isList(name, value[name]));

/** The same one level further down, where only what is named so for certain counts: a shop has phones too. */
const holdsRecipients = (value: unknown): boolean =>
  isObject(value) && RECIPIENTS.some((name) => peopleIn(value[name]).size > 1);

/** The text of a person's number that may have come in a list of one: the only entry as it stands, of several the first that is a phone. */
export const onePhone = (value: unknown): unknown => {
  if (!Array.isArray(value)) return value;
  const given = value.filter((one) => one !== null && !(typeof one === 'string' && one.trim() === ''));
  return given.length === 1 ? given[0] : given.find((one) => phonesIn(one).size > 0);
};

/**
 * An event of our own form must be about one person: a list of recipients or a campaign is refused before anything of it is
 * queued. Up to three numbers in the field of one person are candidates, of which the first usable one is written to.
 * @throws Invalid with the reason `recipients_list` or `campaign_by_event`
 */
export const assertOneRecipient = (json: unknown): void => {
  if (!isObject(json)) {
    if (Array.isArray(json)) throw new Invalid('recipients_list', `The body is a list of events. ${CAMPAIGNS}`);
    return;
  }
  const { data } = json;
  if (typeof json.type === 'string' && CAMPAIGN_TYPE.test(json.type)) {
    throw new Invalid('campaign_by_event', `This event asks for a campaign. ${CAMPAIGNS}`);
  }
  const people = isObject(data) ? [json, data, data.customer] : [json];
  const phones = isObject(data) ? [data.phone, isObject(data.customer) ? data.customer.phone : undefined] : [];
  const inner = isObject(data) ? Object.values(data) : [];
  if (Array.isArray(data) || people.some(holdsList) || phones.some(isSeveral) || inner.some(holdsRecipients)) {
    throw new Invalid('recipients_list', `This event names several recipients. ${CAMPAIGNS}`);
  }
};

/** What the door also records, so that a refusal is not only an answer that nobody reads. */
export const isCampaign = (reason: string): boolean => reason === 'recipients_list' || reason === 'campaign_by_event';
