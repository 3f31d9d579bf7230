import { Invalid } from './errors.ts';

const CAMPAIGNS =
  'One event makes one message to one person. Campaigns belong to the Platform customer-admin campaign surface, not to this API.';

/** Names under which senders put lists of people. */
const LISTS = ['recipients', 'customers', 'contacts', 'audience', 'phones', 'numbers', 'to'];
/** Two numbers of seven digits or more in one field. */
const SEVERAL_PHONES = /\d(?:[ ()+.-]*\d){6,}\s*[,;|\n]\s*\+?[ (]*\d(?:[ ().-]*\d){6,}/;
const CAMPAIGN_TYPE = /^(campaign|broadcast|bulk|marketing|newsletter)\b/i;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPhoneLike = (value: unknown): boolean => /\d(?:\D{0,3}\d){6,}/.test(String(value));

/** One number in a list, with or without junk beside it, is what some senders make of a single field. */
const isSeveral = (value: unknown): boolean =>
  Array.isArray(value) ? value.filter(isPhoneLike).length > 1 : severalPhones(value);

const holdsList = (value: unknown): boolean =>
  isObject(value) && LISTS.some((name) => Array.isArray(value[name]) || severalPhones(value[name]));

const severalPhones = (value: unknown): boolean => typeof value === 'string' && SEVERAL_PHONES.test(value);

/**
 * An event of our own form must be about one person: a list of recipients, several numbers in one field or a campaign is
 * refused before anything of it is queued.
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
