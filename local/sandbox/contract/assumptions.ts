/** One thing that no public page of EZWhatsApp says. */
export interface Assumption {
  /** What is not said. */
  readonly about: string;
  /** What EZWhatsApp may do, by name. The first is what is assumed, and what the sandbox does unless it is told otherwise. */
  readonly variants: readonly (readonly [name: string, does: string])[];
  /** What in the code rests on it: a path, and what it does there. */
  readonly rests: readonly (readonly [path: string, what: string])[];
}

const SENDER = 'functions/sender/workflow.ts';
const EVENTS = 'functions/shared/ezwhatsapp/events.ts';
const API = 'functions/shared/ezwhatsapp/line-api.ts';
const OBSERVED = 'functions/shared/ledger/observed-sends.ts';
const RECEIVER = 'functions/webhook-receiver/receive.ts';
const DELIVERIES = 'functions/shared/ledger/deliveries.ts';
const PEOPLE = 'functions/shared/people/people.ts';

/** Everything that is assumed of EZWhatsApp, each with all that it may do instead. Under every one of them the product must be right. */
export const ASSUMPTIONS = {
  'same-key': {
    about: 'What the same Idempotency-Key with the same body does',
    variants: [
      ['202', 'is answered 202 with the first answer again'],
      ['200', 'is answered 200 with the first answer again'],
      ['409', 'is answered 409'],
      ['422', 'is answered 422'],
      ['again-after-24h', 'is the first answer again for 24 hours, and then a second message'],
    ],
    rests: [
      [
        SENDER,
        'an uncertain send is repeated with its key and bytes for 15 minutes, then left to a person; a refusal of a repeat says nothing of the first',
      ],
      ['functions/shared/ledger/rules.ts', 'no key is used again once its send was accepted'],
    ],
  },
  'other-body': {
    about: 'What the same Idempotency-Key with another body does',
    variants: [
      ['409', 'is answered 409'],
      ['422', 'is answered 422'],
      ['first-answer', 'is answered with the first answer, and nothing is sent'],
      ['sent', 'is a second message'],
    ],
    rests: [['functions/shared/ledger/ledger.ts', 'the bytes of a key are frozen with its first attempt']],
  },
  'no-key': {
    about: 'What a send without an Idempotency-Key does',
    variants: [
      ['400', 'is answered 400'],
      ['accepted', 'is a message'],
    ],
    rests: [[API, 'every send has a key']],
  },
  accepted: {
    about: 'The status of a send that is accepted',
    variants: [
      ['202', 'is 202'],
      ['200', 'is 200'],
      ['201', 'is 201'],
    ],
    rests: [[SENDER, 'each of the three is an acceptance']],
  },
  'answer-id': {
    about: 'Which id the answer to a send holds',
    variants: [
      ['queued', 'one of the queued attempt, in `id`, that nothing else names'],
      ['none', 'none'],
      ['nested', 'one of the queued attempt, in `message.id`'],
      ['whatsapp', 'the one that statuses and the observed message name'],
    ],
    rests: [
      [API, 'an id is read where one may stand, and never needed'],
      ['functions/shared/ledger/own-sends.ts', 'a message on the line is known again by its id, else by its words'],
    ],
  },
  echo: {
    about: 'Whether and when a send is told as an outbound message',
    variants: [
      ['after', 'right after its answer'],
      ['before', 'before its answer'],
      ['none', 'never'],
    ],
    rests: [
      [OBSERVED, 'an echo joins statuses to the send, and settles one that was uncertain'],
      ['functions/escalation/escalate.ts', 'an outbound message that is not ours is a person who answered'],
    ],
  },
  'status-order': {
    about: 'In which order statuses come',
    variants: [
      ['after', 'after the answer, each once, forwards'],
      ['before', 'before the answer'],
      ['twice', 'each twice'],
      ['backwards', 'the last first'],
      ['none', 'never'],
    ],
    rests: [[OBSERVED, 'statuses move forward only, and wait for their send to be known']],
  },
  'status-id': {
    about: 'Which id a status names',
    variants: [
      ['echo', 'that of the observed outbound message'],
      ['answer', 'that of the answer to the send'],
      ['other', 'one that nothing else names'],
    ],
    rests: [[OBSERVED, 'a status is joined by either id; by neither, the send stays accepted and is never repeated']],
  },
  fields: {
    about: 'Which of the twin fields a webhook has',
    variants: [
      ['twins', 'both of each'],
      ['camel', 'conversationId and contactPhoneNumber alone'],
      ['snake', 'conversation_id and contact_phone_number alone'],
      ['nulls', 'both, one of each null'],
      [
        'whapi',
        'none: as the format that it follows has it, with an object as event and the times of statuses as text',
      ],
    ],
    rests: [[EVENTS, 'either twin is read, then the ids of WhatsApp']],
  },
  people: {
    about: 'How a webhook names the other person',
    variants: [
      ['number', 'by the number in its field'],
      ['jid', 'by `…@s.whatsapp.net` alone'],
      ['c-us', 'by `…@c.us` alone'],
      ['lid', 'by a privacy id `…@lid`; the field of the number is missing'],
      ['lid-empty', 'by a privacy id; the field is empty'],
      ['lid-null', 'by a privacy id; the field is null'],
      ['lid-repeated', 'by a privacy id; the field repeats its digits'],
      ['lid-later', 'by the number at first, and from their second message on by a privacy id'],
    ],
    rests: [
      [EVENTS, 'a privacy id is never read as a number'],
      [PEOPLE, 'what names a person is tied as soon as one message names both'],
    ],
  },
  conversation: {
    about: 'What a send into a `conversationId` does',
    variants: [
      ['taken', 'is a message there'],
      ['400', 'is answered 400'],
      ['404', 'is answered 404'],
    ],
    rests: [[SENDER, 'where the conversation is refused, the message goes to the number, if one is known']],
  },
  media: {
    about: 'What a send of media does',
    variants: [
      ['202', 'is accepted'],
      ['400', 'is answered 400'],
      ['404', 'is answered 404'],
    ],
    rests: [[SENDER, 'what is refused goes as a text with its address, and holds no line']],
  },
  'long-text': {
    about: 'What a text of 5,000 characters does',
    variants: [
      ['400', 'is answered 400'],
      ['413', 'is answered 413'],
      ['accepted', 'is a message'],
    ],
    rests: [['functions/shared/wording/texts.ts', 'no text is longer than 1,000 characters']],
  },
  'bad-to': {
    about: 'What a `to` that is no number does',
    variants: [
      ['400', 'is answered 400'],
      ['422', 'is answered 422'],
      ['failed', 'is accepted, and fails'],
    ],
    rests: [['functions/shared/people/phone.ts', 'nothing but E.164 is written to']],
  },
  errors: {
    about: 'How an error is worded',
    variants: [
      ['object', '`{"error":{"code","message"}}`'],
      ['text', 'as plain text'],
      ['html', 'as a page'],
    ],
    rests: [[SENDER, 'the status alone decides']],
  },
  'bad-token': {
    about: 'The answer to a token that is not known',
    variants: [
      ['401', 'is 401'],
      ['403', 'is 403'],
    ],
    rests: [[API, 'at either the stored token is read again once, and the line held']],
  },
  'old-token': {
    about: 'What the token before does when another is made',
    variants: [
      ['dies', 'dies at once'],
      ['lives', 'goes on'],
    ],
    rests: [[API, 'a message that meets a dead token waits until the stored one is read']],
  },
  unlinked: {
    about: 'The answer to a send while the phone is not linked',
    variants: [
      ['503', 'is 503'],
      ['400', 'is 400'],
      ['409', 'is 409'],
      ['queued', 'is 202, and the message leaves when the phone is back'],
    ],
    rests: [[SENDER, 'a refusal is held against the health of the line before it is a refusal of the message']],
  },
  health: {
    about: 'How health is told while the phone is not linked',
    variants: [
      ['200', '200 with `sendable: false`'],
      ['503', '503'],
    ],
    rests: [[API, 'nothing but `sendable: true` under 200 lets a message out']],
  },
  deliveries: {
    about: 'How webhooks come',
    variants: [
      ['alone', 'each at once, one item in each'],
      ['bulk', 'late, all together, many in one body and out of order'],
      ['repeated', 'each twice under the same delivery id, as `persistent` may replay'],
      ['repeated-anew', 'each twice, the second time under another delivery id'],
    ],
    rests: [
      [RECEIVER, 'a delivery is known by its id and its body'],
      [DELIVERIES, 'a message has its effects once, whatever delivery brings it'],
    ],
  },
  retries: {
    about: 'What becomes of a webhook that is not answered 200',
    variants: [
      ['same-id', 'comes again under the same delivery id'],
      ['new-id', 'comes again under another one'],
      ['never', 'never comes again'],
    ],
    rests: [[RECEIVER, 'whatever can be stored is answered 200 at once']],
  },
  proof: {
    about: 'What proves a webhook beside the three headers',
    variants: [
      ['none', 'nothing'],
      ['signed', 'a signature in a header of its own'],
    ],
    rests: [['functions/webhook-receiver/token.ts', 'the token in the address is the proof']],
  },
  registration: {
    about: 'What a webhook that is registered beside another does',
    variants: [
      ['adds', 'is told beside it; the same address again changes nothing'],
      ['doubles', 'is told beside it; the same address again is told twice'],
      ['replaces', 'takes its place'],
    ],
    rests: [['cli/webhook/registration.ts', 'an address is registered once for each token']],
  },
} as const satisfies Readonly<Record<string, Assumption>>;

export type AssumptionName = keyof typeof ASSUMPTIONS;
export type VariantOf<Name extends AssumptionName> = (typeof ASSUMPTIONS)[Name]['variants'][number][0];

/** What EZWhatsApp does in each of these points. */
export type Contract = { readonly [Name in AssumptionName]: VariantOf<Name> };

export const NAMES = Object.keys(ASSUMPTIONS) as AssumptionName[];

export const variantsOf = (name: AssumptionName): readonly string[] =>
  ASSUMPTIONS[name].variants.map(([variant]) => variant);
