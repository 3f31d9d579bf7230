import { Invalid } from '../runtime/errors.ts';

const CAMPAIGNS =
  'One event makes one message to one person. Campaigns belong to the Platform customer-admin campaign surface, not to this API.';

/** Names that mean lists of people, so that one in them is one beside the customer; the others stand for other things too: line numbers, a place. */
const RECIPIENTS = ['recipients', 'audience', 'customers'];
const LISTS = [...RECIPIENTS, 'contacts', 'phones', 'numbers', 'to'];
/** A person has a mobile, one at work and one at home; who puts more into one field means a list. */
const MOST_OF_ONE = 3;
const LEAST_DIGITS = 7;
const CAMPAIGN_TYPE = /^(campaign|broadcast|bulk|marketing|newsletter)\b/i;
/** What a person's number is called. */
const PHONE_NAME = /phone|mobile|cell|whatsapp|msisdn|^(tel|number|to|recipient)$/i;
/** Lists within lists, and people within what is told of each. */
const MAX_DEPTH = 4;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPhone = (text: string): boolean => {
  const digits = text.replace(/[\s()+./-]+/g, '');
  return digits.length >= LEAST_DIGITS && /^\d+$/.test(digits);
};

/** Numbers that stand side by side in one text. Split and counted, for one pattern over all of a long text would take minutes. */
const phonesIn = (value: unknown): number =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value)
        .split(/[,;|\n]/)
        .filter(isPhone).length
    : 0;

/** How many people a value names by their phones: of what is told of one person, however many numbers there are, one. */
const peopleIn = (value: unknown, depth = 0): number => {
  if (depth > MAX_DEPTH) return 0;
  const sum = (all: readonly unknown[]) => all.reduce<number>((count, one) => count + peopleIn(one, depth + 1), 0);
  if (Array.isArray(value)) return sum(value);
  if (!isObject(value)) return phonesIn(value);
  const named = Object.entries(value).filter(([name]) => PHONE_NAME.test(name));
  if (named.some(([, one]) => phonesIn(one) > 0)) return named.some(([, one]) => phonesIn(one) > MOST_OF_ONE) ? 2 : 1;
  // Of a list by names (`{ dana: '+972…' }`) only what can be nothing but a phone.
  return sum(Object.values(value).filter((one) => typeof one === 'object' || String(one).trim().startsWith('+')));
};

/** One number in a list, with or without junk beside it, is what some senders make of a single field. */
const isSeveral = (value: unknown): boolean =>
  typeof value === 'object' ? peopleIn(value) > 1 : phonesIn(value) > MOST_OF_ONE;

const holdsList = (value: unknown): boolean =>
  isObject(value) &&
  LISTS.some((name) => Object.hasOwn(value, name) && peopleIn(value[name]) > (RECIPIENTS.includes(name) ? 0 : 1));

/** The same one level further down, where only what is named so for certain counts: a shop has phones too. */
const holdsRecipients = (value: unknown): boolean =>
  isObject(value) && RECIPIENTS.some((name) => peopleIn(value[name]) > 1);

/** The text of a person's number that may have come in a list of one. */
export const onePhone = (value: unknown): unknown =>
  Array.isArray(value) ? value.find((one) => phonesIn(one) > 0) : value;

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
