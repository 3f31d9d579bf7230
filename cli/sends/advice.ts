import { hasFailed, isMark, type SendRecord } from '../../functions/shared/ledger/rules.ts';

type Told = Pick<
  SendRecord,
  'state' | 'parked' | 'reason' | 'key' | 'delivery' | 'resends' | 'because' | 'conversationId'
> &
  Partial<Pick<SendRecord, 'bodyHash'>>;

/** What there is to know of a refusal. */
interface Refusal {
  /** What it means and what the client can do. */
  readonly say: string;
  /** True where it was the person's own doing: nothing is wrong. */
  readonly isTheirs?: true;
}

/** By the reason, without what stands behind its colon. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  no_consent: {
    say: 'They did not agree to WhatsApp. If they did: do the fields and values of "consent" in the client file name the box as the form or the shop sends it? A form without one needs a statement.',
    isTheirs: true,
  },
  opted_out: { say: 'They asked not to be written to. Only they can undo that, by writing START.', isTheirs: true },
  in_conversation: {
    say: 'They or the team wrote within "quietFor": people answer in the conversation. The form is in the CRM, if the client file has one, else only where it was filled.',
    isTheirs: true,
  },
  touched_recently: {
    say: 'Another form of theirs was answered within "oncePerPhone", or its message is on its way.',
    isTheirs: true,
  },
  test_lead: { say: 'A test of the form or of its vendor.', isTheirs: true },
  no_usable_phone: {
    say: 'No number was given that can be written to. A corrected event from the source opens it again. Does the form demand a phone, with its country?',
  },
  country_not_allowed: { say: 'The number is of none of the "countries" in the client file.' },
  form_not_allowed: { say: 'The form is none of "forms" in the client file: add its id if it should be.' },
  unreadable_update: { say: 'A part of the event could not be read. Has its vendor changed the format?' },
  missing_value: { say: 'The event brought nothing for a placeholder: write "ifMissing" for it beside the text.' },
  text_too_long: { say: 'With its values the text is longer than a message may be: shorten it.' },
  not_found_at_meta: { say: 'Meta does not know the lead, or the Page token may not see it.' },
  not_found_in_shop: { say: 'The shop does not know the order any more.' },
  not_found_in_calendar: { say: 'The booking system does not know the appointment any more.' },
  recipients_list: { say: 'One event named several people. Campaigns do not go through this API.' },
  campaign_by_event: { say: 'The event asked for a campaign. Campaigns do not go through this API.' },
  burst_guard: {
    say: 'More messages than "sender.burstPerHour". If they are no campaign, "dlq redrive" lets them out in a later hour; "sends drop" takes one back.',
  },
  browser_cap: {
    say: 'More posts without a secret than "sender.browserPostsPerHour". Look at them: if people made them, "dlq redrive" lets them out in a later hour; "sends drop" takes one back.',
  },
  person_cap: {
    say: 'They had "sender.perPersonPerDay" messages today. If this one still helps, "dlq redrive" lets it out on another day; else "sends drop" takes it back.',
  },
  lead_too_old: { say: 'It came later than "usefulFor" after it could first have been written to.' },
  order_too_old: {
    say: 'The order is older than "maxOrderAge", and the event may as well be an edit of it; or, with the status of a plug-in, it was placed longer ago than sends are remembered (60 days). "sends resend" tells this person all the same.',
  },
  outside_send_window: {
    say: 'It would have been too late when "sendWindow" opened, or that is more than 13 days away: longer than a queue keeps it for sure.',
  },
  other_shop: {
    say: 'It came under the secret of the source that is named, and from the place that is named, which is not "origin" in the client file: a copy of the shop, most often. Remove the webhook there; or, if these events are the client\'s, add the place to "origin".',
  },
  before_since: {
    say: 'It happened before "since" of its source in the client file, the time at which that was turned on. If people should still hear of such events, write an earlier "since" and have the source send them again; "sends resend" sends a single one.',
  },
  no_longer_true: {
    say: 'While it waited the appointment was moved or cancelled, or the shop said that the order does not stand so after all.',
    isTheirs: true,
  },
  superseded: { say: 'A later step of the same was told, or is on its way.', isTheirs: true },
  order_cancelled: {
    say: 'The order was cancelled before this left. Should it go on: "sends resend".',
    isTheirs: true,
  },
  order_refunded: { say: 'The order was refunded before this left.', isTheirs: true },
  parcel_voided: { say: 'The shop took this parcel back before it was told of.', isTheirs: true },
  nothing_told_before: {
    say: 'The order ended, and this person had heard nothing of it. With "always" of updates.cancelled they hear all the same.',
    isTheirs: true,
  },
  not_told_of: {
    say: 'What kind of order it is stands behind the colon: such are told of only if "alsoTell" in the client file names it.',
    isTheirs: true,
  },
  shadow: {
    say: 'The client is only tried: "delivery" in the client file does not name this phone. "sends list --shadow" shows what they would have had; nothing of it goes out when the client goes live.',
    isTheirs: true,
  },
  dropped: {
    say: 'A person took it back before it left. What its source says later of the same is told, a repeat is not; "sends resend" tells this person.',
    isTheirs: true,
  },
  look_up_too_late: { say: 'Whoever must be asked for the rest of the event did not answer in time.' },
};

/** Why a message waits that no other sentence is about. */
const WAITS: Readonly<Record<string, string>> = {
  line_changed:
    'Nothing is sent: "lineId" in the client file has changed, and what was told is stored under the line before. "ezw doctor" says what to write as "keysOf".',
  paused:
    'Somebody paused the line or this template: "ezw line show" tells who and why, "ezw line resume" lets it go. Surely not sent.',
  suppression_list_unreadable:
    'Nothing is sent: who said stop cannot be read. "ezw doctor" says more. It goes out by itself afterwards, if it still helps. Surely not sent.',
  line_banned:
    'The workspace says that WhatsApp has shut this number out: nothing leaves until "ezw line resume", also when the line is back. Surely not sent.',
};

const WHAT_NOW: Readonly<Record<SendRecord['state'], string>> = {
  HELD: 'Surely not sent; goes out by itself when the reason is gone.',
  UNKNOWN: 'May have been sent; is repeated with the same key and bytes.',
  ACCEPTED: 'EZWhatsApp took it. Accepted is not delivered.',
  REJECTED: 'Cannot become a message. A corrected event from the source opens it again if nothing left yet.',
  EXPIRED: 'Would have come too late.',
  SUPPRESSED: 'The person does not want messages.',
  CLAIMED: 'Is being sent at this moment, or its sender died; then it goes on within a minute.',
};

/** Of a send that was refused; undefined for any other, and for reasons of the vendor's. */
export const refusalOf = ({ state, parked, reason }: Told): Refusal | undefined => {
  if (state === 'ACCEPTED' || state === 'UNKNOWN' || state === 'CLAIMED' || (state === 'HELD' && !parked))
    return undefined;
  const name = reason?.split(':')[0] ?? '';
  return Object.hasOwn(REFUSALS, name) ? REFUSALS[name] : undefined;
};

/** What helps, by Meta's code; of others nothing is known. */
const FAILURES: Readonly<Record<string, string>> = {
  131026: ' The number may have no WhatsApp: sent again it fails again. Reach them another way.',
  131047: ' They have not written for more than a day: let them write first, or reach them another way.',
  131048: ' WhatsApp limits the line for what was taken for spam: send nothing again now.',
  131049: ' WhatsApp limits what this person gets: sent again soon it fails again.',
  130472: ' WhatsApp keeps this number out of such messages for a test of its own: reach them another way.',
};

const failed = ({ key, delivery, resends, because, conversationId }: Told): string => {
  const code = delivery?.why?.code ?? '';
  const known = Object.hasOwn(FAILURES, code) ? FAILURES[code] : '';
  const again = resends
    ? ` It was sent again ${resends === 1 ? 'once' : `${resends} times`}: look at ${key}:resend:${resends}.`
    : '';
  const where =
    conversationId === undefined
      ? `No conversation with them is known: find them by ${because?.id ?? key}${because?.source === undefined ? '' : ` (${because.source})`}.`
      : 'Look into the conversation.';
  return `EZWhatsApp took it, and then WhatsApp said that it did not arrive.${known} Nothing sends it again by itself.${again} ${where} If it did not reach them and still helps: "sends resend … ${key}".`;
};

/** What a state means, and what to do about it. */
export const advice = (record: Told): string => {
  const { state, parked, key, reason, bodyHash } = record;
  if (bodyHash !== undefined && isMark({ state, bodyHash }))
    return 'No message: what it would have told of ended, or a later step was told, before any was written. It keeps one that comes late from leaving; nothing is to be done.';
  if (state === 'UNKNOWN' && parked) {
    return `May have been sent, and a person must look into the workspace: then "sends resolve … ${key} --as accepted|not-sent".`;
  }
  if (state === 'ACCEPTED' && hasFailed(record)) return failed(record);
  if (state === 'HELD' && Object.hasOwn(WAITS, reason ?? '')) return WAITS[reason ?? ''] ?? '';
  return refusalOf(record)?.say ?? WHAT_NOW[state];
};
