import { isFields } from '../../functions/shared/ezwhatsapp/fields.ts';
import { type Evidence, isTaken, type SendFact, sendNamed, type Webhooks } from './evidence.ts';
import { type Finding, other, unasked, variant } from './finding.ts';
import { namesIn, namesOf } from './inbound.ts';
import { bodyOf, echoesOf, type Item, idsOf, itemsOf, thingOf } from './items.ts';
import type { Came } from './listener.ts';
import { idIn } from './of-sends.ts';
import { plain } from './vocabulary.ts';

/** What a listener heard, as the verdicts need it. */
interface Heard {
  readonly evidence: Evidence;
  readonly webhooks: Webhooks;
  readonly items: readonly Item[];
  /** Before the address was registered once more, and without what was refused. */
  readonly plain: readonly Came[];
  readonly plainItems: readonly Item[];
  /** Statuses of which no id tells whose they are. */
  readonly strays: readonly Item[];
  /** Accepted sends with what the line told of each. */
  readonly echoes: readonly { readonly send: SendFact; readonly told: readonly Item[] }[];
}

const GROUP = /@(g\.us|newsletter|broadcast)$/i;

/** What is about this probe's own messages, and what its person wrote. What else happens on the line is evidence for nothing. */
const oursIn = ({ sends, to }: Evidence, items: readonly Item[]): readonly Item[] => {
  const isEcho = (item: Item): boolean => sends.some(({ marker }) => echoesOf([item], marker).length > 0);
  const echoes = items.filter(isEcho);
  const ids = new Set([...echoes.flatMap(idsOf), ...sends.flatMap((send) => idIn(send)?.id ?? [])]);
  const names = namesOf(to, echoes);
  return items.filter((item) => {
    if (item.kind === 'statuses') return idsOf(item).some((id) => ids.has(id));
    if (GROUP.test(String(item.raw.chat_id ?? ''))) return false;
    return isEcho(item) || (item.kind === 'messages' && namesIn(item).some((name) => names.has(name)));
  });
};

const heardIn = (evidence: Evidence, webhooks: Webhooks): Heard => {
  const { againAt = Number.POSITIVE_INFINITY } = webhooks;
  const all = webhooks.came.flatMap(itemsOf);
  const items = oursIn(evidence, all);
  const strays = all.filter((item) => item.kind === 'statuses' && !items.includes(item));
  const came = webhooks.came.filter((one) => items.some((item) => item.came === one));
  const plain = came.filter(({ at, isRefused }) => at < againAt && !isRefused);
  const sends = evidence.sends.filter((send) => isTaken(send) && send.name !== 'same-key' && send.name !== 'unlinked');
  const echoes = sends
    .map((send) => ({ send, told: echoesOf(items, send.marker) }))
    .filter(({ told }) => told.length > 0);
  const plainItems = items.filter((item) => plain.includes(item.came));
  return { evidence, webhooks: { ...webhooks, came }, items, plain, plainItems, echoes, strays };
};

const UNHEARD = 'EZWhatsApp could not be listened to';
const NOTHING = 'nothing at all came to the listener';

const NO_ECHO = 'no outbound message was told';

const isBulk = ({ plain }: Heard): boolean => plain.some((came) => itemsOf(came).length > 1);
const BULK = 'they came in bulk, which hides it';

const echo = (heard: Heard): Finding => {
  const { echoes } = heard;
  if (echoes.length === 0) return variant('none', NO_ECHO);
  if (isBulk(heard)) return variant('after', 'late, in bulk');
  const early = echoes.filter(({ send, told }) => Math.min(...told.map(({ came }) => came.at)) < send.answeredAt);
  const found = `${early.length} of ${echoes.length} before their answers`;
  return variant(early.length * 2 > echoes.length ? 'before' : 'after', found);
};

/** Those that can only be about the first message: of it the statuses are waited for before the next leaves. */
const firstStatuses = ({
  evidence,
  plainItems,
}: Heard): { readonly send: SendFact; readonly told: readonly Item[] } | undefined => {
  const send = sendNamed(evidence, 'text');
  if (!send || !isTaken(send)) return undefined;
  const next = Math.min(
    ...evidence.sends.filter(({ askedAt }) => askedAt > send.askedAt).map(({ askedAt }) => askedAt),
  );
  const told = plainItems.filter(({ kind, came }) => kind === 'statuses' && came.at >= send.askedAt && came.at <= next);
  return { send, told };
};

const statusesOf = ({ items }: Heard): readonly Item[] => items.filter(({ kind }) => kind === 'statuses');

/** By how many deliveries each thing is told on the average, and under how many ids. */
const spreadOf = (items: readonly Item[]): { readonly times: number; readonly ids: number } => {
  const told = new Map<string, Set<string>>();
  for (const item of items) told.set(thingOf(item), (told.get(thingOf(item)) ?? new Set()).add(item.came.deliveryId));
  const ids = [...told.values()].reduce((sum, all) => sum + all.size, 0);
  return { times: items.length / (told.size || 1), ids: ids / (told.size || 1) };
};

const spreads = ({ plainItems }: Heard) => ({
  statuses: spreadOf(plainItems.filter(({ kind }) => kind === 'statuses')),
  others: spreadOf(plainItems.filter(({ kind }) => kind !== 'statuses')),
});

/** A few that came twice are not all. */
const TWICE = 1.5;
const TWO_WAYS =
  'each status came twice, and nothing else was told that would show whether each is told twice or each webhook comes twice';

const RANKS = ['pending', 'sent', 'delivered', 'read', 'played'];
const rankOf = ({ raw }: Item): number => RANKS.indexOf(String(raw.status).toLowerCase());

const STRAY = 'statuses came, and none names an id by which it is known for one of this probe';

const statusOrder = (heard: Heard): Finding => {
  if (statusesOf(heard).length === 0)
    return heard.strays.length > 0 ? unasked(STRAY) : variant('none', 'no status came');
  if (isBulk(heard)) return unasked(BULK);
  const first = firstStatuses(heard);
  if (!first || first.told.length === 0) return unasked('none came of the first message before the next one left');
  const { send, told } = first;
  const words = told.map(({ raw }) => (rankOf({ raw } as Item) < 0 ? 'another word' : String(raw.status)));
  const found = words.join(', ');
  if (told.some(({ came }) => came.at < send.answeredAt)) return variant('before', found);
  const { statuses, others } = spreads(heard);
  if (statuses.ids >= TWICE && others.ids === 0) return unasked(TWO_WAYS);
  if (statuses.ids >= TWICE * Math.max(1, others.ids)) return variant('twice', found);
  const ranks = [...new Set(told.map(rankOf))].filter((rank) => rank >= 0);
  const isBackwards = ranks.length > 1 && ranks.every((rank, i) => i === 0 || rank < (ranks[i - 1] ?? 0));
  return variant(isBackwards ? 'backwards' : 'after', found);
};

/** As many messages began as were told of: on a line as quiet as that they are ours. Whoever else's was only read began before. */
const areOurs = ({ strays, echoes }: Heard): boolean => {
  const begun = new Set(strays.filter((one) => [0, 1].includes(rankOf(one))).map((one) => idsOf(one)[0]));
  return echoes.length > 1 && begun.size === echoes.length;
};

const statusId = (heard: Heard): Finding => {
  const named = new Set(statusesOf(heard).flatMap(idsOf));
  if (named.size === 0 && areOurs(heard)) return variant('other', 'none that an answer or an observed message has');
  if (named.size === 0) return unasked(heard.strays.length > 0 ? STRAY : 'no status came');
  const echoed = heard.echoes.flatMap(({ told }) => told.flatMap(idsOf));
  if (echoed.some((id) => named.has(id))) return variant('echo', 'that of the observed message');
  const answers = heard.evidence.sends.flatMap((send) => idIn(send)?.id ?? []);
  if (answers.some((id) => named.has(id))) return variant('answer', 'that of the answer');
  return unasked(`${NO_ECHO} whose id they could name`);
};

const CONVERSATIONS = ['conversationId', 'conversation_id'] as const;
const PHONES = ['contactPhoneNumber', 'contact_phone_number'] as const;

const twinsIn = (messages: readonly Item[], [camel, snake]: readonly [string, string]): string | undefined => {
  const has = (name: string): boolean => messages.some(({ raw }) => typeof raw[name] === 'string' && raw[name] !== '');
  const isNull = (name: string): boolean => messages.some(({ raw }) => raw[name] === null);
  const [isCamel, isSnake] = [has(camel), has(snake)];
  if (isCamel && isSnake) return 'twins';
  if ((isCamel && isNull(snake)) || (isSnake && isNull(camel))) return 'nulls';
  return isCamel ? 'camel' : isSnake ? 'snake' : undefined;
};

const fields = ({ webhooks, items }: Heard): Finding => {
  const messages = items.filter(({ kind }) => kind === 'messages');
  if (messages.length === 0) return unasked('no message was told');
  const found = twinsIn(messages, CONVERSATIONS) ?? twinsIn(messages, PHONES);
  if (found !== undefined) return variant(found, `of ${messages.length} messages`);
  const isObject = webhooks.came.some((came) => isFields(bodyOf(came).event));
  return isObject
    ? variant('whapi', `of ${messages.length} messages`)
    : other('no conversation is named, and `event` is no object');
};

const PRIVATE = /^(\d+)(?:[._:]\d+)*@lid$/i;

/** How one message names the other person. */
const namingOf = ({ raw }: Item, isWhapi: boolean): string => {
  const chat = String(raw.chat_id ?? '');
  const [, digits] = PRIVATE.exec(chat) ?? [];
  const phones = PHONES.filter((name) => name in raw).map((name) => raw[name]);
  const given = phones.find((one) => typeof one === 'string' && one !== '');
  if (digits !== undefined) {
    if (typeof given === 'string') return given.replace(/\D/g, '') === digits ? 'lid-repeated' : 'number';
    if (phones.includes('')) return 'lid-empty';
    return phones.length > 0 ? 'lid-null' : 'lid';
  }
  // That format has no field for it.
  if (given !== undefined || (isWhapi && /@(s\.whatsapp\.net|c\.us)$/.test(chat))) return 'number';
  if (/@s\.whatsapp\.net$/.test(chat)) return 'jid';
  return /@c\.us$/.test(chat) ? 'c-us' : 'unknown';
};

const people = ({ webhooks, items }: Heard): Finding => {
  const messages = items.filter(({ kind }) => kind === 'messages');
  if (messages.length === 0) return unasked('no message was told');
  const isWhapi = webhooks.came.some((came) => isFields(bodyOf(came).event));
  const names = messages.map((item) => namingOf(item, isWhapi));
  const kinds = [...new Set(names)];
  const found = kinds.map((kind) => `${kind} ${names.filter((one) => one === kind).length}`).join(', ');
  const [only, ...more] = kinds;
  if (more.length === 0 && only !== undefined && only !== 'unknown') return variant(only, found);
  const isLater = names.lastIndexOf('number') < names.findIndex((one) => one !== 'number');
  return kinds.length === 2 && names.includes('number') && names.includes('lid') && isLater
    ? variant('lid-later', found)
    : other(found);
};

const deliveries = (heard: Heard): Finding => {
  const { plain } = heard;
  if (plain.length === 0) return unasked('nothing came of this probe');
  const found = `${plain.length} deliveries`;
  const most = Math.max(...plain.map((came) => itemsOf(came).length));
  if (most > 1) return variant('bulk', `${found}, up to ${most} items in one`);
  const { statuses, others } = spreads(heard);
  if (others.ids === 0 && statuses.ids >= TWICE) return unasked(TWO_WAYS);
  // Of a status it is another matter whether it is told twice; where there is nothing else, it is all there is.
  const { times, ids } = others.ids > 0 ? others : statuses;
  if (ids >= TWICE) return variant('repeated-anew', `${found}, each thing under ${ids.toFixed(1)} ids`);
  return times < TWICE
    ? variant('alone', `${found}, one item in each`)
    : variant('repeated', `${found}, each ${times.toFixed(1)} times under its id`);
};

const retries = (heard: Heard): Finding => {
  const { attempts } = heard.webhooks;
  const [first] = attempts;
  if (!first) return unasked('no webhook was refused');
  const { times, ids } = spreads(heard).others;
  const copies = Math.max(1, Math.round(times));
  const after = attempts.slice(1).map(({ at }) => `${((at - first.at) / 1000).toFixed(1)} s`);
  if (attempts.length <= copies) return variant('never', 'it did not come again');
  const same = attempts.map(({ deliveryId }) => attempts.filter((one) => one.deliveryId === deliveryId).length);
  const isSame = Math.max(...same) > (ids < TWICE ? copies : 1);
  return variant(isSame ? 'same-id' : 'new-id', `${attempts.length} times, after ${after.join(', ')}`);
};

const USUAL_HEADERS =
  /^(host|connection|content-(type|length|encoding)|transfer-encoding|accept.*|user-agent|x-forwarded-.*|forwarded|via|date|cf-.*|cdn-.*|x-real-ip|x-request-id|traceparent|tracestate|sec-.*|x-ezw-(delivery-id|webhook-event|line-id))$/i;
const PROOF = /sign|hmac|digest|authorization|secret|token|webhook-id|webhook-timestamp/i;

/** Names of headers beside those that are documented or usual. */
const furtherHeaders = (came: readonly Came[]): readonly string[] => [
  ...new Set(
    came
      .flatMap(({ headers }) => Object.keys(headers))
      .filter((name) => !USUAL_HEADERS.test(name))
      .map(plain),
  ),
];

const proof = ({ webhooks }: Heard): Finding => {
  const further = furtherHeaders(webhooks.came);
  const proofs = further.filter((name) => PROOF.test(name));
  if (proofs.length > 0) return variant('signed', `the header ${proofs.join(', ')}`);
  return variant('none', further.length === 0 ? 'no further header' : `further headers: ${further.join(', ')}`);
};

const timesTold = (items: readonly Item[], send: SendFact | undefined): number =>
  send ? echoesOf(items, send.marker).filter(({ came }) => !came.isRefused).length : 0;

const registration = (heard: Heard): Finding => {
  const { webhooks, items, evidence } = heard;
  if (webhooks.stands === 'instead')
    return variant('replaces', "the client's own heard of the first message by the probe alone");
  const twice = sendNamed(evidence, 'twice');
  const [before, after] = [timesTold(items, sendNamed(evidence, 'text')), timesTold(items, twice)];
  const isAsked = webhooks.againAt !== undefined && before > 0 && after > 0;
  if (isAsked && after >= before * 2) return variant('doubles', `told ${after} times in place of ${before}`);
  if (webhooks.stands === 'unknown') {
    const why = webhooks.hasOwn
      ? 'it was not seen whether the client’s own heard of it'
      : 'the client has none of its own yet';
    return unasked(`${why}${isAsked ? '; the same address again changed nothing' : ''}`);
  }
  return isAsked
    ? variant('adds', "the client's own was told beside it; the same address again changed nothing")
    : unasked("the client's own was told beside it; whether the same address again is told twice was not seen");
};

const OF_HEARD: readonly (readonly [name: string, look: (heard: Heard) => Finding])[] = [
  ['echo', echo],
  ['status-order', statusOrder],
  ['status-id', statusId],
  ['fields', fields],
  ['people', people],
  ['deliveries', deliveries],
  ['retries', retries],
  ['proof', proof],
  ['registration', registration],
];

/** What webhooks tell. */
export const OF_WEBHOOKS: readonly (readonly [name: string, look: (evidence: Evidence) => Finding])[] = OF_HEARD.map(
  ([name, look]) => [
    name,
    (evidence) => {
      const { webhooks } = evidence;
      if (!webhooks) return unasked(UNHEARD);
      return webhooks.came.length === 0 ? unasked(NOTHING) : look(heardIn(evidence, webhooks));
    },
  ],
);
