import { Invalid } from '../runtime/errors.ts';

const CAMPAIGNS =
  'One event makes one message to one person. Campaigns belong to the Platform customer-admin campaign surface, not to this API.';

/** Names under which senders put lists of people. */
const LISTS = ['recipients', 'customers', 'contacts', 'audience', 'phones', 'numbers', 'to'];
/** A person has a mobile, one at work and one at home; who puts more into one field means a list. */
const MOST_OF_ONE = 3;
const LEAST_DIGITS = 7;
const CAMPAIGN_TYPE = /^(campaign|broadcast|bulk|marketing|newsletter)\b/i;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPhone = (text: string): boolean => {
  const digits = text.replace(/[\s()+./-]+/g, '');
  return digits.length >= LEAST_DIGITS && /^\d+$/.test(digits);
};

/** Numbers that stand side by side in one text. Split and counted, for one pattern over all of a long text would take minutes. */
const phonesIn = (value: unknown): number =>
  typeof value === 'string' ? value.split(/[,;|\n]/).filter(isPhone).length : 0;

/** One number in a list, with or without junk beside it, is what some senders make of a single field. */
const isSeveral = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.filter((one) => typeof one !== 'object' && isPhone(String(one))).length > 1
    : phonesIn(value) > MOST_OF_ONE;

const holdsList = (value: unknown): boolean =>
  isObject(value) && LISTS.some((name) => Array.isArray(value[name]) || phonesIn(value[name]) > 1);

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
  if (Array.isArray(data) || people.some(holdsList) || phones.some(isSeveral)) {
    throw new Invalid('recipients_list', `This event names several recipients. ${CAMPAIGNS}`);
  }
};

/** What the door also records, so that a refusal is not only an answer that nobody reads. */
export const isCampaign = (reason: string): boolean => reason === 'recipients_list' || reason === 'campaign_by_event';
