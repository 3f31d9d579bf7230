import { entryKey } from '../../../functions/crm-sync/workflow.ts';
import { type SendRecord, sendPk } from '../../../functions/shared/ledger/rules.ts';
import { Table } from '../../../functions/shared/runtime/table.ts';
import { privacyIdOf } from '../../../local/sandbox/contract/privacy-id.ts';
import type { Person, Scene, Told } from './scene.ts';
import { HOUR, MINUTE, type World } from './world.ts';

/** Something that is not as it must be. */
export interface Finding {
  /** Which of the promises it breaks. */
  readonly promise: string;
  readonly says: string;
}

interface OnPhone {
  readonly key: string;
  readonly at: number;
  readonly phone: string;
}

interface CrmEvent {
  readonly type: string;
  readonly contactId?: string;
  readonly message?: { readonly id: string; readonly direction: string };
  /** Ids of contacts that are this one. */
  readonly merged?: readonly string[];
}

interface Notified {
  readonly headers: Readonly<Record<string, string>>;
  readonly at: string;
  readonly body: {
    readonly data: Readonly<Record<string, unknown>> & { readonly rule: string; readonly url?: string };
  };
}

/** All that there is at the end of a run. */
interface End {
  readonly scene: Scene;
  readonly world: World;
  readonly onPhones: readonly OnPhone[];
  readonly records: ReadonlyMap<string, SendRecord>;
  readonly crm: readonly CrmEvent[];
  readonly alerts: readonly Notified[];
}

const ENDED: readonly SendRecord['state'][] = ['ACCEPTED', 'REJECTED', 'EXPIRED', 'SUPPRESSED'];
const NEVER_SENT: readonly SendRecord['state'][] = ['REJECTED', 'EXPIRED', 'SUPPRESSED'];

const stateOf = ({ state, reason, parked, response }: SendRecord): string =>
  [state, parked && 'parked', reason, response?.status].filter(Boolean).join(' ');

/** Whether what comes in of a person always leads to their number. */
const isNumberKnown = ({ contract: { people, fields } }: Scene): boolean =>
  ['number', 'jid', 'c-us'].includes(people) || (people === 'lid-later' && fields !== 'whapi');

/** Whether what names a person at first and what names them later is tied by anything at all. */
const isTied = ({ contract: { people, fields } }: Scene): boolean => people !== 'lid-later' || fields !== 'whapi';

const eachText = (texts: readonly string[]): readonly string[] => [...new Set(texts)];

/** A check of a promise: each text is one break of it. */
type Check = (end: End) => readonly string[];

/** No person has a message twice. */
const onceOnThePhone: Check = ({ onPhones }) => {
  const keys = onPhones.map(({ key }) => key);
  const doubled = new Set(keys.filter((key, i) => keys.indexOf(key) !== i));
  return [...doubled].map((key) => `${key} came ${keys.filter((one) => one === key).length} times`);
};

/** Every event ends in a message or in a state that has a name. */
const everyEventEnds: Check = ({ scene, records, onPhones }) =>
  scene.told.flatMap(({ key, meant }) => {
    const record = records.get(key);
    const came = onPhones.some((one) => one.key === key);
    if (record === undefined) return meant === 'never' && !came ? [] : [`${key} has no record`];
    return ENDED.includes(record.state) || record.parked ? [] : [`${key} is ${stateOf(record)} in the end`];
  });

/**
 * Whether nobody can know in time if it left: the answer to its POST was lost or a 5xx, or whoever had claimed it vanished before or behind the
 * POST.
 */
const isLeftToPeople = ({ posts }: World, key: string, record: SendRecord | undefined): boolean =>
  record?.state === 'UNKNOWN' &&
  record.parked === true &&
  (record.interruptions > 0 ||
    posts.some((one) => one.key === key && (one.became === 'unknown' || Number(one.became) >= 500)));

/** What must arrive arrives, and what must not does not; nothing is left to a person but what nobody can know in time. */
const arrives: Check = ({ scene, world, records, onPhones }) =>
  scene.told.flatMap(({ key, person, meant }) => {
    const came = onPhones.some((one) => one.key === key);
    const record = records.get(key);
    if (meant === 'never' && came) return [`${key} came to ${person.name}, and must not`];
    if (isLeftToPeople(world, key, record)) return [];
    if (meant === 'arrives' && !came)
      return [`${key} never came to ${person.name}: ${record ? stateOf(record) : 'no record'}`];
    return [];
  });

/** Somebody who left their number, however often, is touched once. */
const oneFirstTouch: Check = ({ scene, world, records, onPhones }) =>
  scene.people
    .filter(({ name }) => name.startsWith('Lead'))
    .flatMap(({ name, phone }) => {
      const own = scene.told.filter(({ person }) => person.phone === phone);
      const isLeft = own.some(({ key }) => isLeftToPeople(world, key, records.get(key)));
      const n = onPhones.filter((one) => one.phone === phone && one.key.startsWith('lead:')).length;
      return n === 1 || (n === 0 && isLeft) ? [] : [`${name} was touched ${n} times`];
    });

/** What comes in time: nobody waits because of another's message. */
const inTime: Check = ({ scene, onPhones }) =>
  scene.told.flatMap(({ key, person, meant, from, by }) => {
    const at = onPhones.find((one) => one.key === key)?.at;
    if (meant !== 'arrives' || at === undefined || (at >= from && at <= by)) return [];
    return [`${key} came to ${person.name} ${Math.round((at - from) / MINUTE)} minutes after its time`];
  });

/** One message that the API refuses is that message, and not the line: no endpoint is switched off in any variant. */
const noMessageHoldsTheLine: Check = ({ world }) =>
  eachText(
    world.logs.flatMap(({ reason, key, holdSeconds }) =>
      holdSeconds !== undefined && reason === 'not_enabled_for_this_account' ? [`${String(key)} holds the line`] : [],
    ),
  );

/** What the line showed of a send settles it. */
const seenIsSettled: Check = ({ records }) =>
  [...records].flatMap(([key, record]) =>
    record.state !== 'ACCEPTED' && (record.delivery || record.observedId)
      ? [`${key} was seen on the line, and is ${stateOf(record)}`]
      : [],
  );

/** What the ledger says is so: what it says never left did not, what it says was accepted came. */
const ledgerIsTrue: Check = ({ records, onPhones }) =>
  [...records].flatMap(([key, record]) => {
    const came = onPhones.some((one) => one.key === key);
    if (came && NEVER_SENT.includes(record.state)) return [`${key} came, and is ${stateOf(record)}`];
    if (!came && record.state === 'ACCEPTED') return [`${key} did not come, and is ${stateOf(record)}`];
    return [];
  });

/** Whatever the line says, a send that is known to have arrived is left to nobody. */
const noDeadLetters: Check = ({ world }) =>
  world.deadLetters.map(({ queue, reason, body }) => `${queue}: ${reason ?? ''} ${body.slice(0, 300)}`);

/** Two requests and three writes of what they were answered, each at its longest. */
const POST_TAKES_MS = 38_000;

/** A message leaves only while nobody else may claim it before it is written down what became of it. */
const postsInItsLease: Check = ({ world }) =>
  (world.happened ? world.posts : []).flatMap(({ key, leaseLeftMs }) => {
    if (leaseLeftMs === undefined) return [`${key} was sent by whoever had not claimed it`];
    const left = Math.round(leaseLeftMs / 1000);
    return leaseLeftMs < POST_TAKES_MS ? [`${key} was sent ${left} s before another may claim it`] : [];
  });

/** What somebody has claimed is claimed by nobody else until their lease is over, and written by nobody who had it before. */
const ownersAlone: Check = ({ world }) => world.overtaken.map((row) => `${row} was another's`);

const toKnownNumbersAlone: Check = ({ scene, world }) => {
  const phones = new Set(scene.people.map(({ phone }) => phone));
  return world.posts.flatMap(({ key, body }) => {
    const { to } = JSON.parse(body) as { to?: string };
    return to === undefined || phones.has(to) ? [] : [`${key} went to ${to}`];
  });
};

const stopCounts: Check = ({ scene, onPhones, alerts }) =>
  scene.words.flatMap(({ person, word, at }) => {
    if (word !== 'stop') return [];
    const until = scene.words.find((one) => one.person === person && one.word === 'start' && one.at > at)?.at;
    const after = onPhones.filter((one) => one.phone === person.phone && one.at > at && one.at < (until ?? Infinity));
    if (after.length === 0) return [];
    if (isNumberKnown(scene)) return after.map(({ key }) => `${key} came to ${person.name} after their stop`);
    const isTold = alerts.some(({ body: { data } }) => data.rule === 'stop-without-number');
    return isTold ? [] : [`${person.name} said stop, was written to, and nobody was told`];
  });

const oneEntryEach: Check = ({ scene, world, crm }) =>
  scene.said.flatMap(({ id, text, person, by }) => {
    const key = entryKey(world.lineId, id);
    const entries = crm.filter(
      ({ message, type }) => message?.id === key && type.startsWith('message.') && type !== 'message.status',
    );
    const wanted = by === 'customer' ? 'inbound' : 'outbound';
    if (entries.length === 1 && entries[0]?.message?.direction === wanted) return [];
    return [`"${text}" of ${person.name} has ${entries.length} entries in the CRM`];
  });

const oneContactEach: Check = ({ scene, world, crm }) =>
  (isTied(scene) ? scene.people : []).flatMap((person) => {
    const ids = scene.said.filter((one) => one.person === person).map(({ id }) => entryKey(world.lineId, id));
    const contacts = new Set(
      crm.flatMap(({ message, contactId }) => (message && ids.includes(message.id) ? (contactId ?? []) : [])),
    );
    // What a later message ties to an earlier contact is merged into one.
    const gone = new Set(crm.flatMap(({ type, merged }) => (type === 'contact.merged' ? (merged ?? []) : [])));
    const left = [...contacts].filter((one) => !gone.has(one));
    return left.length > 1 ? [`${person.name} has ${left.length} contacts in the CRM`] : [];
  });

const personOf = ({ data }: Notified['body'], people: readonly Person[]): Person | undefined =>
  people.find(({ conversationId }) => data.conversation_id === conversationId || data.url?.includes(conversationId));

const alertsInTheirWindow: Check = ({ scene, alerts }) =>
  scene.people.flatMap((person) => {
    const own = alerts.filter(({ body }) => body.data.rule === 'urgent' && personOf(body, [person]));
    return own.flatMap(({ at }, i) => {
      const before = own[i - 1];
      const isOld = scene.said.every((one) => one.person !== person || one.at < Date.parse(at) - 24 * HOUR);
      if (isOld) return [`${person.name} woke somebody with an old message`];
      return before && Date.parse(at) - Date.parse(before.at) < HOUR / 2
        ? [`${person.name} was told twice within a window`]
        : [];
    });
  });

const urgentIsTold: Check = ({ scene, alerts }) => {
  const urgent = isTied(scene) ? scene.people.filter(({ name }) => name.startsWith('Urgent')) : [];
  return urgent.flatMap((person) => {
    const own = alerts.filter(({ body }) => body.data.rule === 'urgent');
    const linked = scene.contract.fields === 'whapi' ? own : own.filter(({ body }) => personOf(body, [person]));
    return linked.length === 2
      ? []
      : [`${person.name} was told ${linked.length} times with the link, and wrote in two windows`];
  });
};

/** Whoever waits for a person is told of, whatever programs sent them meanwhile; whoever was answered is not. */
const whoWaitsIsToldOf: Check = ({ scene, alerts }) => {
  if (scene.contract.fields === 'whapi') return [];
  const waits = (name: string) =>
    scene.people
      .filter((one) => one.name.startsWith(name))
      .map((person) => ({
        person,
        n: alerts.filter(({ body }) => body.data.rule === 'waits' && personOf(body, [person])).length,
      }));
  return [
    ...waits('Ignored').flatMap(({ person, n }) => (n === 1 ? [] : [`${person.name} waits, and ${n} alerts say so`])),
    ...waits('Urgent').flatMap(({ person, n }) =>
      n === 1 ? [] : [`${person.name} waits once, and ${n} alerts say so`],
    ),
  ];
};

const oneDigest: Check = ({ scene, world, alerts }) => {
  const digests = alerts.filter(({ body }) => body.data.rule === 'messages-came-late');
  // What a process held that stood still for longer than a burst waits is told in another one: each message in one, and none in two.
  const isTorn = digests.length > 1 && world.happened !== undefined;
  const told = digests.reduce((sum, { body }) => sum + Number(/\d+/.exec(String(body.data.title))?.[0]), 0);
  if (isTorn) return told === scene.old ? [] : [`${told} of ${scene.old} old messages are in digests`];
  return digests.length === scene.digests ? [] : [`${digests.length} digests of old messages`];
};

const oneAutomaticAnswer: Check = ({ scene, onPhones }) =>
  scene.people.flatMap((person) => {
    const own = onPhones.filter(({ key, phone }) => phone === person.phone && key.endsWith(':auto-reply'));
    const doubled = own.filter(({ at }, i) => i > 0 && at - (own[i - 1]?.at ?? 0) < 11 * HOUR);
    const wrote = scene.said.some((one) => one.person === person && one.by === 'customer');
    if (own.length > 0 && !wrote) return [`${person.name} was answered and never wrote`];
    return doubled.map(({ key }) => `${person.name} was answered again by ${key}`);
  });

/**
 * Whoever asks is answered: in their conversation, or where the API takes none by the number that their message names (of one that is
 * hidden no more than a hash is kept).
 */
const answersWhoAsks: Check = ({ scene, world, records, onPhones }) => {
  const { conversation, fields, people } = scene.contract;
  // Without a number there is the conversation alone.
  if (people.startsWith('lid') && (fields === 'whapi' || conversation !== 'taken')) return [];
  return scene.people
    .filter(({ name }) => name.startsWith('Asks'))
    .flatMap((person) => {
      const own = onPhones.filter(({ key, phone }) => phone === person.phone && key.endsWith(':auto-reply'));
      // What came to be answered too late has a name, and one that may have left is a person's to look at.
      const ids = new Set(scene.said.filter((one) => one.person === person).map(({ id }) => id));
      const isNamed = [...records].some(
        ([key, record]) =>
          key.endsWith(':auto-reply') &&
          ids.has(record.because?.id ?? '') &&
          (record.state === 'EXPIRED' || isLeftToPeople(world, key, record)),
      );
      return own.length > 0 || (world.happened && isNamed) ? [] : [`${person.name} asked and had no answer`];
    });
};

/** Whether a status can be joined to its send at all, by what the variant tells. */
const isJoined = ({ contract }: Scene): boolean => {
  const { echo, 'status-id': by, 'answer-id': answer, 'status-order': order } = contract;
  if (order === 'none' || by === 'other') return false;
  if (by === 'answer') return answer !== 'none';
  return answer === 'whatsapp' || (echo !== 'none' && ['number', 'jid', 'c-us'].includes(contract.people));
};

/** Whether only an answer could tell which send a status is about, and it was lost. */
const isAnswerLost = ({ contract }: Scene, { providerId }: Pick<SendRecord, 'providerId'>): boolean =>
  providerId === undefined &&
  (contract['status-id'] === 'answer' || (contract['answer-id'] === 'whatsapp' && contract.people.startsWith('lid')));

const deliveryIsKnown: Check = ({ scene, records }) =>
  [...records].flatMap(([key, record]) => {
    const { state, delivery } = record;
    if (state !== 'ACCEPTED') return [];
    const last = scene.reads.includes(key) ? 'read' : 'delivered';
    const status = delivery?.status;
    if (status === last || (status === undefined && (!isJoined(scene) || isAnswerLost(scene, record)))) return [];
    return [`${key} is ${status ?? 'nothing'} and not ${last}`];
  });

const noNumberIsKept: Check = ({ scene, world }) => {
  const digits = scene.people.map(({ phone }) => phone.slice(-9));
  const holds = (text: string) => digits.some((one) => text.includes(one));
  return [
    ...world.logs
      .filter((line) => holds(JSON.stringify(line)))
      .map((line) => `a number is in a log line: ${JSON.stringify(line)}`),
    // A reminder is sent later, to the number that stands with its appointment until then.
    ...world.rows
      .filter((row) => holds(row) && !row.includes(world.tableOf('appointments')))
      .map((row) => `a number is in a table: ${row}`),
  ];
};

/** A privacy id is shown to nobody and kept nowhere as it stands. */
const noPrivacyIdIsShown: Check = ({ scene, world, alerts }) => {
  const ids = scene.people.map(({ phone }) => privacyIdOf(phone));
  const holds = (text: string) => ids.some((one) => text.includes(one));
  return [
    ...world.logs.filter((line) => holds(JSON.stringify(line))).map((line) => `in a log line: ${JSON.stringify(line)}`),
    ...world.rows.filter(holds).map((row) => `in a table: ${row}`),
    ...alerts
      .filter(({ body }) => holds(JSON.stringify(body)))
      .map(({ body }) => `in an alert: ${JSON.stringify(body)}`),
  ];
};

const PROMISES: Readonly<Record<string, Check>> = {
  onceOnThePhone,
  everyEventEnds,
  arrives,
  oneFirstTouch,
  inTime,
  noMessageHoldsTheLine,
  seenIsSettled,
  ledgerIsTrue,
  noDeadLetters,
  postsInItsLease,
  ownersAlone,
  toKnownNumbersAlone,
  stopCounts,
  oneEntryEach,
  oneContactEach,
  alertsInTheirWindow,
  urgentIsTold,
  whoWaitsIsToldOf,
  oneDigest,
  oneAutomaticAnswer,
  answersWhoAsks,
  deliveryIsKnown,
  noNumberIsKept,
  noPrivacyIdIsShown,
};

/** A notifier knows an alert again by its id. */
const eachOnce = (all: readonly Notified[]): readonly Notified[] => [
  ...new Map(all.map((one) => [one.headers['webhook-id'], one])).values(),
];

const phonesOf = ({ world }: Scene): readonly OnPhone[] =>
  world.sandbox.phone().map(({ key = '', at, phone = '' }) => ({ key, at: Date.parse(at), phone }));

/** Everything that a run left behind which is not as it must be. */
export const findings = async (scene: Scene): Promise<readonly Finding[]> => {
  const { world } = scene;
  const table = new Table<SendRecord>(world.tableOf('sends'));
  const onPhones = phonesOf(scene);
  const keys = [...new Set([...scene.told.map(({ key }: Told) => key), ...world.commands.keys()])];
  const read = await Promise.all(keys.map(async (key) => [key, await table.read(sendPk(world.lineId, key))] as const));
  const end: End = {
    scene,
    world,
    onPhones,
    records: new Map(read.flatMap(([key, record]) => (record ? [[key, record] as const] : []))),
    crm: ((await world.control('GET', 'crm')) as { webhook: { entries: CrmEvent[] } }).webhook.entries,
    alerts: eachOnce(await world.control('GET', 'notifications')),
  };
  return Object.entries(PROMISES).flatMap(([promise, check]) => check(end).map((says) => ({ promise, says })));
};
