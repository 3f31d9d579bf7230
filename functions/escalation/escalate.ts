import { type Delivered, isConversation, type MessageItem, mayActOn } from '../shared/ezwhatsapp/events.ts';
import { durationMs } from '../shared/hours/duration.ts';
import type { Deliveries } from '../shared/ledger/deliveries.ts';
import type { ObservedSends } from '../shared/ledger/observed-sends.ts';
import { ownEcho } from '../shared/ledger/own-echo.ts';
import { ownSend } from '../shared/ledger/own-sends.ts';
import { hasFailed, type SendRecord } from '../shared/ledger/rules.ts';
import { AUTO_REPLY, type SendCommand } from '../shared/ledger/send-command.ts';
import { deliveryName, onceTold, toldAs } from '../shared/ledger/tellings.ts';
import type { FailedSend } from '../shared/people/failed-send.ts';
import type { Notice } from '../shared/people/notice.ts';
import { type Latest, type People, type Who, withoutPrivate } from '../shared/people/people.ts';
import type { UnwrittenStops } from '../shared/people/unwritten-stops.ts';
import { isPermanent, reasonOf, Unavailable, unknownItem } from '../shared/runtime/errors.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import { toJson } from '../shared/runtime/json.ts';
import type { Log } from '../shared/runtime/log.ts';
import { marks, noteAfter, traced } from '../shared/runtime/marks.ts';
import { BELIEVED_TRIES } from '../shared/runtime/queue-worker.ts';
import {
  type Alert,
  ANSWER_TO_REMINDER,
  alertOf,
  alertOfBurst,
  alertOfFailed,
  alertOfMore,
  alertOfNotice,
  alertOfRefused,
  incidentOf,
  MORE,
  OWN_RULES,
  PERHAPS_STOP,
  STOP_WITHOUT_NUMBER,
  type Told,
  UNREADABLE_CHANGE,
  withLetter,
} from './alert.ts';
import type { EscalationConfig, NotifierName, Rule } from './config.ts';
import type { ConversationState, Names } from './conversation-state.ts';
import type { Groups } from './groups.ts';
import { type Letter, letterOf } from './letter.ts';
import type { NotifierFailures } from './notifier-failures.ts';
import { isListed, perhapsAutomatic } from './phone-texts.ts';
import { cancelsOrMoves, followsReminder } from './reminder-answer.ts';
import { isReplayed, quietMs, type Replayed } from './replayed.ts';
import { UnappliedStops } from './unapplied-stops.ts';
import { autoReply, type Decision, type Engine } from './workflow.ts';

/** A message of a customer that somebody should answer by then; waits in the queue. */
export interface Reminder {
  readonly rule: string;
  readonly item: MessageItem;
  /** ISO 8601. */
  readonly due: string;
  /** ISO 8601, since when it is waited; of a message that was changed that may be before its words were written. */
  readonly since?: string;
  /** Epoch milliseconds, when it was put into the queue; an earlier release noted neither. */
  readonly queuedAt?: number;
}

/** A burst of messages that were told late, to be told when it is over; waits in the queue. */
interface Digest {
  readonly digest: string;
}

/** Tells of what came in one window of a group, when that is over; waits in the queue. */
interface GroupEnd {
  readonly group: keyof typeof MORE;
  readonly window: number;
  /** ISO 8601: its beginning and its end. */
  readonly since: string;
  readonly due: string;
  readonly queuedAt?: number;
}

const isGrouped = (code: string): code is keyof typeof MORE => Object.hasOwn(MORE, code);

type FromQueue =
  | Delivered<MessageItem>
  | Reminder
  | GroupEnd
  | Digest
  | { readonly item: Notice | FailedSend; readonly receivedAt?: string };

export interface EscalateTools {
  readonly config: EscalationConfig;
  readonly engine: Engine;
  readonly deliveries: Pick<Deliveries, 'once' | 'onceForWords'>;
  readonly observed: Pick<ObservedSends, 'withFingerprint' | 'withProviderId' | 'firstLeft' | 'found'>;
  readonly state: Pick<
    ConversationState,
    | 'oncePerWindow'
    | 'oncePerWait'
    | 'letGo'
    | 'waitOf'
    | 'noteWait'
    | 'wasSaidElsewhere'
    | 'noteIncident'
    | 'closeIncident'
  >;
  readonly people: Pick<
    People,
    'meet' | 'named' | 'hear' | 'wrote' | 'answered' | 'answeredSince' | 'isSilent' | 'latest'
  >;
  readonly unwritten: Pick<UnwrittenStops, 'keep' | 'forget'>;
  readonly groups: Pick<Groups, 'take' | 'counted' | 'over'>;
  /** What stands of a send of ours; a consistent read. */
  readonly sendOf: (key: string) => Promise<SendRecord | undefined>;
  readonly notify: (name: NotifierName, alert: Alert) => Promise<void>;
  /** Closes an incident at a notifier; undefined where it keeps none. */
  readonly resolver: (name: NotifierName) => ((incident: string) => Promise<void>) | undefined;
  /** Writes to the client's own contact; undefined where no notifier of the client can. */
  readonly write: ((letter: Letter) => Promise<void>) | undefined;
  readonly replayed: Pick<Replayed, 'add' | 'close'>;
  readonly refusals: Pick<NotifierFailures, 'failed' | 'taken'>;
  /** Puts reminders into the own queue; they come out after so many seconds, or after 900 at most. */
  readonly remind: (bodies: readonly string[], delaySeconds: number) => Promise<void>;
  readonly send: (command: SendCommand) => Promise<void>;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The queue forgets what is in it for seven days: what waits over a long holiday is put into it anew. */
const QUEUE_ANEW_MS = 3 * 24 * 3600_000;

/** For so long a letter that cannot be sent just now is tried again before the team is asked to hand it on. */
const LETTER_PATIENCE_MS = 15 * 60_000;

/** One item at a time; whatever it throws sends that item, and no other, back to its queue. */
export class Escalation {
  readonly #tools: EscalateTools;
  readonly #stops: UnappliedStops;

  constructor(tools: EscalateTools) {
    this.#tools = tools;
    this.#stops = new UnappliedStops({
      ...tools,
      grouped: (code, id, at, tell) => this.#grouped(code, id, at, tell),
      over: (code, id, at) => tools.groups.over(code, id, Date.parse(at), durationMs(tools.config.window)),
      tell: (sink, alert) => this.#tell(sink, alert),
    });
  }

  /** @param attempt how often it was received, from 1 on */
  async handle(body: string, attempt = 1): Promise<void> {
    const message = JSON.parse(body) as FromQueue;
    if ('rule' in message || !('item' in message) || message.item.kind !== 'message') return this.#take(message);
    const { item } = message;
    try {
      await this.#take(message);
    } catch (error) {
      const seconds = await this.#stops.failed(item, attempt);
      if (seconds === undefined) throw error;
      // As a new message it is tried as often again, for as long as nothing holds it.
      const isAnew = attempt >= BELIEVED_TRIES && (await this.#putAnew(body, seconds));
      if (isAnew) return;
      throw new Unavailable('stop_not_applied', reasonOf(error), seconds);
    }
    await this.#stops.applied(item, attempt);
  }

  /** False where the queue does not take it: then it stays as it is. */
  #putAnew(body: string, seconds: number): Promise<boolean> {
    return this.#tools.remind([body], seconds).then(
      () => true,
      () => false,
    );
  }

  async #take(message: FromQueue): Promise<void> {
    if ('digest' in message) return this.#digest(message.digest);
    if ('rule' in message) return this.#due(message);
    if ('group' in message) return this.#groupEnds(message);
    const { receivedAt } = message;
    if (message.item.kind === 'notice') return this.#notice(message.item, receivedAt);
    if (message.item.kind === 'failed-send') return this.#failedSend(message.item, receivedAt);
    if (!('deliveryId' in message) || message.item.kind !== 'message') throw unknownItem();
    const { deliveries, config, log, now } = this.#tools;
    const startedAt = now();
    const name = `escalation#${config.keysOf}#message#${toldAs(message.item)}`;
    const fresh = await onceTold(deliveries, name, message, (item, attempt, isChange) =>
      isChange
        ? this.#changed({ ...item, receivedAt: message.receivedAt }, attempt)
        : this.#message({ ...message, item }, attempt),
    );
    if (!fresh) await this.#twin(message.item);
    const delivery = deliveryName(message.deliveryId);
    const outcome = fresh ? 'message' : 'duplicate';
    log('info', { event: 'escalation', delivery, after: marks().after, outcome, ms: now() - startedAt });
  }

  /** A copy may name the person whom the first telling did not: what they said of being written to counts for that number too. */
  async #twin(item: MessageItem): Promise<void> {
    if (!item.individual || item.fromMe || (item.phone ?? item.privacyId) === undefined) return;
    const { people, engine, config } = this.#tools;
    const who = await people.meet(config.keysOf, item);
    const { optOut } = engine.decide(item);
    if (optOut) await people.hear(who, optOut, item.at);
  }

  async #message(delivered: Delivered<MessageItem>, attempt: number): Promise<void> {
    const { receivedAt } = delivered;
    const told = { ...delivered.item, receivedAt };
    if (!told.individual) return;
    const who = await this.#meet(told);
    const item = withoutPrivate(told, who);
    if (!item.fromMe) noteAfter(who.after);
    if (item.fromMe) return this.#outbound(item, who, attempt);
    if (isReplayed(item, this.#tools.config)) return this.#replayed(item, who, attempt);
    await this.#heard(item, who, () => this.#reply({ ...delivered, item }, who));
  }

  /** Who wrote it. Where nobody can look that up just now, people are told all the same of what goes by the message itself, and it comes again. */
  async #meet(item: Told): Promise<Who> {
    const { people, engine, config } = this.#tools;
    try {
      return await people.meet(config.keysOf, item);
    } catch (error) {
      const { notify, perhapsStop } = engine.decide(item);
      if (!isReplayed(item, config))
        await this.#raise([...notify, ...(perhapsStop ? [this.#rule(PERHAPS_STOP)] : [])], item, undefined);
      throw error;
    }
  }

  /** Other words in the place of a person's: what they say now counts. */
  async #changed(told: Told, attempt: number): Promise<void> {
    if (!told.individual || told.fromMe) return;
    const who = await this.#meet(told);
    const item = withoutPrivate(told, who);
    if (isReplayed(item, this.#tools.config)) return this.#changedLongAgo(item, who, attempt);
    if (item.text === undefined) return this.#raise([this.#rule(UNREADABLE_CHANGE)], item, who);
    await this.#heard(item, who, 'changed');
  }

  /** Old news like any other. What asks nothing any more is waited for no longer. */
  async #changedLongAgo(item: MessageItem, who: Who, attempt: number): Promise<void> {
    const { engine, state } = this.#tools;
    const telling = tellingOf(item);
    // Under an id of its own: what it changes may stand in a digest that is told.
    const asOne = { ...item, id: item.revises === undefined ? `${item.id}#${telling}` : item.id };
    if (item.text === undefined) return this.#toDigest(asOne, [this.#rule(UNREADABLE_CHANGE)], attempt);
    if (engine.decide(item).wait.length === 0) await state.noteWait(toldAs(item), { telling });
    await this.#replayed(asOne, who, attempt);
  }

  /** What somebody wrote, whether it is new or stands in the place of other words. */
  async #heard(item: MessageItem, who: Who, reply: 'changed' | (() => Promise<void>)): Promise<void> {
    const { people, engine } = this.#tools;
    const decision = engine.decide(item);
    const isFound = await this.#optOut(who, item, decision);
    // A word about being written to is no talk.
    if (mayActOn(item) && !decision.optOut) await people.wrote(who, item.at);
    if (reply === 'changed') await this.#waitsNow(decision, item, who);
    else await this.#waits(decision.wait.length > 0, item, item.at);
    // Before the notifications: a pager that is down must not delay the answer until it is too old.
    if (reply !== 'changed') await reply();
    const own = [...this.#forPeople(isFound, decision), ...(await this.#answers(item, who))];
    await this.#raise([...decision.notify, ...own], item, who);
  }

  /**
   * What is told so late that it is old news wakes nobody by itself and is not answered. What it says of being written to counts all
   * the same, by its own time. People are told of all that came with it at once.
   */
  async #replayed(item: MessageItem, who: Who, attempt: number): Promise<void> {
    if (!mayActOn(item)) return;
    const { people, engine } = this.#tools;
    const decision = engine.decide(item);
    const isFound = await this.#optOut(who, item, decision);
    if (!decision.optOut) await people.wrote(who, item.at);
    const own = [...this.#forPeople(isFound, decision), ...(await this.#answers(item, who))];
    await this.#toDigest(item, [...decision.notify, ...own], attempt);
  }

  async #toDigest(item: MessageItem, rules: readonly Rule[], attempt: number): Promise<void> {
    const { config, replayed, remind, log } = this.#tools;
    log('info', { event: 'escalation', outcome: 'replayed' });
    if (Object.keys(config.notifiers).length === 0) return;
    const names = rules.map(({ name }) => name);
    const burst = await replayed.add(item, names, attempt);
    if (burst !== undefined) await remind([toJson({ digest: burst } satisfies Digest)], quietMs(config) / 1000);
  }

  /** One for a burst, and one in an hour. */
  async #digest(burst: string): Promise<void> {
    const { config, replayed, now } = this.#tools;
    const found = await replayed.close(burst);
    if (typeof found === 'number') {
      throw new Unavailable('burst_goes_on', 'More may come.', Math.ceil(found / 1000));
    }
    if (found.messages > 0) await this.#tellTeam(`replayed#${burst}`, alertOfBurst(burst, found, config, now()));
  }

  /** A rule of our own, for everybody who can be told. */
  #rule(name: string, severity: Rule['severity'] = 'warning'): Rule {
    return { name, severity, notify: Object.keys(this.#tools.config.notifiers) as NotifierName[], when: {} };
  }

  /**
   * What a person of the team wrote ends the waiting. Their thumb under a message, a call or an edit does not, nor does what we sent, nor what
   * the phone's app says by itself: that is no talk either.
   */
  async #outbound(item: MessageItem, who: Who, attempt: number): Promise<void> {
    const { observed, config, people, log } = this.#tools;
    if (!isConversation(item)) return;
    if (await ownSend(observed, config.keysOf, item, attempt)) return;
    const latest = await people.latest(who);
    if (ownEcho(item, latest)) return;
    if (await this.#isAutomatic(item, who, latest))
      return log('info', { event: 'escalation', outcome: 'automatic_text' });
    await people.answered(who, item.at);
    await this.#resolve(item, who);
  }

  /** What was opened at a pager for this person is closed by a person's answer. */
  async #resolve(item: MessageItem, who: Who): Promise<void> {
    const { config, state, resolver, log } = this.#tools;
    const sinks = Object.keys(config.notifiers) as NotifierName[];
    const calls = sinks.flatMap((sink) => {
      const resolve = resolver(sink);
      const rules = [
        ...config.rules.filter(({ notify }) => notify.includes(sink)).map(({ name }) => name),
        ...OWN_RULES,
      ];
      return (resolve ? rules : []).map(async (rule) => {
        const incident = incidentOf(rule, item, config);
        if (incident === undefined || !resolve) return;
        const name = `${rule}#${sink}`;
        const isClosed = await state.closeIncident(name, namesOf(item, who), item.at, (open = incident) =>
          resolve(open),
        );
        if (isClosed) log('info', { event: 'escalation', rule, sink, outcome: 'resolved' });
      });
    });
    await allOf(calls);
  }

  /** Whether the phone's app wrote it: it is listed, or the same was said at once to somebody else. */
  async #isAutomatic(item: MessageItem, who: Who, latest: Latest): Promise<boolean> {
    const { config, state } = this.#tools;
    if (isListed(item, config)) return true;
    const words = perhapsAutomatic(item, latest);
    return words !== undefined && state.wasSaidElsewhere(words, namesOf(item, who));
  }

  /** @returns whether their number is known: of the message, or of what earlier ones and chats told */
  async #optOut(who: Who, { at }: MessageItem, { optOut }: Decision): Promise<boolean> {
    if (!optOut) return true;
    const { people, log } = this.#tools;
    const known = await people.hear(who, optOut, at);
    log(known ? 'info' : 'error', { event: 'opt-out', outcome: optOut, ...(!known && { reason: 'no_phone' }) });
    return known;
  }

  /** Templates are sent to numbers: a stop without one, and what may be a stop, everybody who can be told has to see to. */
  #forPeople(isFound: boolean, { optOut, perhapsStop }: Decision): readonly Rule[] {
    if (perhapsStop) return [this.#rule(PERHAPS_STOP)];
    if (optOut !== 'stop' || isFound) return [];
    return [this.#rule(STOP_WITHOUT_NUMBER, 'error')];
  }

  /** "Cancel" to a reminder changes nothing by itself: a person sees to it, with the appointment before them. */
  async #answers(item: MessageItem, who: Who): Promise<readonly Rule[]> {
    const { config, people } = this.#tools;
    if (config.answersToReminders === false || !mayActOn(item) || !cancelsOrMoves(item)) return [];
    if (!followsReminder(item, (await people.latest(who)).sent, config)) return [];
    return [this.#rule(ANSWER_TO_REMINDER)];
  }

  /** Once for a telling: one that comes again because a notifier is down must not be waited for once more each time. */
  async #waits(isWaiting: boolean, item: Told, since: string, telling = ''): Promise<void> {
    if (!isWaiting) return;
    const { deliveries, config, engine, state } = this.#tools;
    await deliveries.once(`escalation#${config.keysOf}#waits#${toldAs(item)}${telling}`, async () => {
      await state.noteWait(toldAs(item), { telling: tellingOf(item), since });
      for (const { rule, due } of engine.decide({ ...item, at: since }).wait) {
        await this.#wait({ rule: rule.name, item, due, since });
      }
    });
  }

  /**
   * The same of a message that was changed. A question in the place of another waits as long as that did, unless that was answered; one in the
   * place of thanks waits from now on; and what asks nothing any more is waited for no longer.
   */
  async #waitsNow({ wait }: Decision, item: MessageItem, who: Who): Promise<void> {
    const { state, people } = this.#tools;
    const telling = tellingOf(item);
    if (wait.length === 0) return state.noteWait(toldAs(item), { telling });
    const { since } = await state.waitOf(toldAs(item));
    const isAnswered = since === undefined || (await people.answeredSince(who, since));
    await this.#waits(true, item, isAnswered ? item.at : since, `#${telling}`);
  }

  async #wait(waiting: Reminder | GroupEnd): Promise<void> {
    const { remind, now } = this.#tools;
    const seconds = Math.max(0, Math.ceil((Date.parse(waiting.due) - now()) / 1000));
    await remind([toJson(traced({ ...waiting, queuedAt: now() }))], seconds);
  }

  async #due(reminder: Reminder): Promise<void> {
    const { rule: name, item: told, since = told.at } = reminder;
    const { config, people, state, log } = this.#tools;
    const rule = config.rules.find((one) => one.name === name);
    if (!rule) return;
    const { telling = tellingOf(told) } = await state.waitOf(toldAs(told));
    if (telling !== tellingOf(told)) {
      log('info', { event: 'escalation', rule: name, outcome: 'changed' });
      return;
    }
    const who = await people.meet(config.keysOf, told);
    if (await people.answeredSince(who, told.at)) {
      log('info', { event: 'escalation', rule: name, outcome: 'answered' });
      return;
    }
    if (await this.#isEarly(reminder)) return;
    await this.#raise([rule], withoutPrivate(told, who), who, since);
  }

  /** Whether it was put into the queue anew. Throws `Unavailable` while it has to wait where it is. */
  async #isEarly(waiting: Reminder | GroupEnd): Promise<boolean> {
    const { now } = this.#tools;
    const { due, queuedAt } = waiting;
    const seconds = Math.ceil((Date.parse(due) - now()) / 1000);
    if (seconds <= 0) return false;
    if (queuedAt === undefined || now() - queuedAt <= QUEUE_ANEW_MS)
      throw new Unavailable('not_due', 'Its time is not over yet.', seconds);
    await this.#wait(waiting);
    return true;
  }

  /** One that left and did not arrive, if that still stands: it may have reached another of their devices. */
  async #failedSend({ key, who }: FailedSend, receivedAt: string | undefined): Promise<void> {
    const { config, deliveries, sendOf, log } = this.#tools;
    const send = await sendOf(key);
    if (!send || !hasFailed(send)) return log('info', { event: 'escalation', key, outcome: 'arrived' });
    await deliveries.once(`escalation#${config.keysOf}#send-failed#${key}`, () =>
      this.#grouped('send_failed', key, receivedAt, () =>
        this.#tellTeam(`send_failed#${key}`, alertOfFailed(send, config, who)),
      ),
    );
  }

  /** The first at once, the others of its window as one number. */
  async #grouped(
    group: GroupEnd['group'],
    id: string,
    receivedAt: string | undefined,
    tell: () => Promise<void>,
  ): Promise<void> {
    const { config, deliveries, groups, log, now } = this.#tools;
    const windowMs = durationMs(config.window);
    const taken = await groups.take(group, id, receivedAt === undefined ? now() : Date.parse(receivedAt), windowMs);
    if (taken === 'first') return tell();
    log('info', { event: 'escalation', rule: group, outcome: 'counted' });
    const iso = (at: number): string => new Date(at).toISOString();
    const [since, due] = [iso(taken * windowMs), iso((taken + 1) * windowMs)];
    await deliveries.once(`escalation#${config.keysOf}#group#${group}#${taken}`, () =>
      this.#wait({ group, window: taken, since, due }),
    );
  }

  async #groupEnds(ended: GroupEnd): Promise<void> {
    const { config, groups } = this.#tools;
    const { group, window, since } = ended;
    if (await this.#isEarly(ended)) return;
    const n = await groups.counted(group, window);
    const id = `${MORE[group]}#${window}`;
    if (n > 0) await this.#tellTeam(id, alertOfMore({ code: MORE[group], id, n, since }, config));
  }

  async #notice(notice: Notice, receivedAt: string | undefined): Promise<void> {
    const { config, deliveries } = this.#tools;
    const { code, id } = notice;
    if (!isGrouped(code)) return this.#tellAll(notice);
    await deliveries.once(`escalation#${config.keysOf}#notice#${id}`, () =>
      this.#grouped(code, id, receivedAt, () => this.#tellAll(notice)),
    );
  }

  /** The team by every notifier, and the client's own contact beside them: none of these waits for another. */
  async #tellAll(notice: Notice): Promise<void> {
    const { config, write } = this.#tools;
    const letter = letterOf(notice, config);
    const alert = alertOfNotice(notice, config);
    const isWritten = letter?.to !== undefined && write !== undefined;
    await allOf([
      this.#tellTeam(notice.id, letter && !isWritten ? withLetter(alert, letter) : alert),
      ...(letter && isWritten ? [this.#tellClient(notice, letter, write)] : []),
    ]);
  }

  /** Every notifier on its own, each once. */
  async #tellTeam(id: string, alert: Alert): Promise<void> {
    const { config, deliveries, log } = this.#tools;
    const calls = (Object.keys(config.notifiers) as NotifierName[]).map(async (sink) => {
      const name = `escalation#${config.keysOf}#notice#${id}#${sink}`;
      const fresh = await deliveries.once(name, () => this.#tell(sink, alert));
      log('info', { event: 'escalation', rule: alert.rule, sink, outcome: fresh ? 'notified' : 'duplicate' });
    });
    await allOf(calls);
  }

  /**
   * By one notifier; where it refuses for good, by all others in its place, with a line that says so. Where there is no other it is tried again
   * for three days: somebody may mend it.
   */
  async #tell(sink: NotifierName, alert: Alert): Promise<void> {
    const { config, deliveries, log } = this.#tools;
    try {
      await this.#by(sink, alert);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      const reason = reasonOf(error);
      log('error', { event: 'escalation', rule: alert.rule, sink, reason, outcome: 'refused' });
      const refused = `${sink} refused this (${reason}): see to its settings and its secret`;
      const instead = { ...alert, id: `${alert.id}_${sink}`, handOn: [refused, ...(alert.handOn ?? [])] };
      const others = (Object.keys(config.notifiers) as NotifierName[]).filter((one) => one !== sink);
      const told = await Promise.allSettled(
        others.map((one) => deliveries.once(`escalation#${instead.id}#${one}`, () => this.#by(one, instead))),
      );
      if (!told.some(({ status }) => status === 'fulfilled')) throw new Unavailable(reason, 'Nobody could be told.');
    }
  }

  /** By one notifier. Whether it fails is noted for whoever looks: an alert never waits for that. */
  async #by(sink: NotifierName, alert: Alert): Promise<void> {
    const { notify, refusals } = this.#tools;
    try {
      await notify(sink, alert);
    } catch (error) {
      await refusals.failed(sink, error).catch(() => undefined);
      throw error;
    }
    await refusals.taken(sink).catch(() => undefined);
  }

  /** Once for a notice, and once in a window: a line that comes and goes makes many notices. */
  async #tellClient(notice: Notice, letter: Letter, write: (letter: Letter) => Promise<void>): Promise<void> {
    const { config, deliveries, state, log } = this.#tools;
    const name = `escalation#${config.keysOf}#notice#${notice.id}#letter`;
    let outcome: 'written' | 'handed_on' | 'within_window' | 'duplicate' = 'duplicate';
    await deliveries.once(name, async () => {
      outcome = 'within_window';
      const window = durationMs(config.window);
      await state.oncePerWindow(`letter#${notice.code}`, { own: [config.keysOf] }, notice.id, window, async () => {
        outcome = (await this.#written(notice, letter, write)) ? 'written' : 'handed_on';
      });
    });
    log('info', { event: 'escalation', rule: notice.code, sink: 'letter', outcome });
  }

  /** False where it cannot be sent: then the team has its text, which is no use to anybody hours later. */
  async #written(notice: Notice, letter: Letter, write: (letter: Letter) => Promise<void>): Promise<boolean> {
    const { config, log, now } = this.#tools;
    try {
      await write(letter);
      return true;
    } catch (error) {
      if (!isPermanent(error) && now() - Date.parse(notice.at) < LETTER_PATIENCE_MS) throw error;
      log('error', { event: 'escalation', rule: notice.code, sink: 'letter', reason: reasonOf(error) });
      await this.#tellTeam(`${notice.id}#refused`, alertOfRefused(notice, letter, config));
      return false;
    }
  }

  /**
   * Every notifier of every rule on its own: one that fails is tried again without doubling the others. Within the window it is quiet, but for
   * who waits for an answer: whoever writes again after people were told waits anew.
   */
  async #raise(rules: readonly Rule[], item: Told, who: Who | undefined, since = item.at): Promise<void> {
    if (rules.length === 0) return;
    const { config, state, people, log } = this.#tools;
    // Whatever cannot be read just now, people are told.
    const { sent }: Latest = who ? await people.latest(who).catch(() => ({})) : {};
    const windowMs = durationMs(config.window);
    const { id: by } = item;
    const names = namesOf(item, who);
    const wait = { by, writtenAt: Date.parse(since) };
    const calls = rules.flatMap((rule) =>
      rule.notify.map(async (sink) => {
        const name = `${rule.name}#${sink}`;
        const alert = alertOf(rule, item, config, sent);
        if (await this.#isPagedForNothing(sink, item, who)) {
          await state.letGo(name, names, by);
          return log('info', { event: 'escalation', rule: rule.name, sink, outcome: 'answered' });
        }
        const tell = () => this.#open(name, sink, alert, item, who);
        const raised = await (rule.when.unanswered === undefined
          ? state.oncePerWindow(name, names, by, windowMs, tell)
          : state.oncePerWait(name, names, wait, windowMs, tell));
        const outcome = raised ? 'notified' : 'within_window';
        log('info', { event: 'escalation', rule: rule.name, sink, after: sent?.key, outcome });
      }),
    );
    await allOf(calls);
  }

  /** By a notifier that keeps incidents nothing is opened that a person has answered meanwhile: no answer would close it later. */
  async #isPagedForNothing(sink: NotifierName, { at }: Told, who: Who | undefined): Promise<boolean> {
    const { people, resolver } = this.#tools;
    return resolver(sink) !== undefined && who !== undefined && people.answeredSince(who, at).catch(() => false);
  }

  /** What was answered while its incident was being opened is closed at once. */
  async #open(name: string, sink: NotifierName, alert: Alert, item: Told, who: Who | undefined): Promise<void> {
    const { state, resolver } = this.#tools;
    const resolve = resolver(sink);
    if (!resolve || alert.incident === undefined) return this.#tell(sink, alert);
    const incident = await state.noteIncident(name, namesOf(item, who), item.at, alert.incident);
    await this.#tell(sink, { ...alert, incident });
    if (await this.#isPagedForNothing(sink, item, who)) await resolve(incident);
  }

  async #reply(delivered: Delivered<MessageItem>, who: Who): Promise<void> {
    const { config, state, people, send, now, log } = this.#tools;
    const command = autoReply(delivered, config, now());
    if (!command || !config.autoReply) return this.#tooLate(delivered, who);
    const { item } = delivered;
    // The sender looks at the conversation alone; here the number is known too.
    if (await people.isSilent(who)) return;
    const windowMs = durationMs(config.autoReply.window);
    const replied = await state.oncePerWindow(AUTO_REPLY, namesOf(item, who), item.id, windowMs, () => send(command), {
      waits: true,
    });
    log('info', {
      event: 'auto-reply',
      delivery: delivered.item.delivery,
      key: command.key,
      outcome: replied ? 'queued' : 'within_window',
    });
  }

  /** One that came in time and could not be answered until it was old leaves its window to whoever asks again. */
  async #tooLate(delivered: Delivered<MessageItem>, who: Who): Promise<void> {
    const { config, state, log } = this.#tools;
    const { item, receivedAt } = delivered;
    const inTime = receivedAt === undefined ? undefined : autoReply(delivered, config, Date.parse(receivedAt));
    if (!inTime) return;
    await state.letGo(AUTO_REPLY, namesOf(item, who), item.id);
    log('warn', { event: 'auto-reply', delivery: item.delivery, key: inTime.key, outcome: 'too_late' });
  }
}

/**
 * Whoever writes under a number is told apart by the conversation, and found by the number where WhatsApp hides it another time; whoever comes
 * without one is the person, as far as that is known.
 */
const namesOf = ({ conversation, phone, privacyId }: MessageItem, who: Who | undefined): Names => {
  const { person, names = [] } = who ?? {};
  const byNumber = person === undefined ? undefined : `number#${person}`;
  const some = (all: readonly (string | undefined)[]) => all.filter((one) => one !== undefined);
  if (phone !== undefined && privacyId === undefined)
    return { own: [conversation], others: some([person]), mark: byNumber };
  const hidden = privacyId === undefined ? undefined : names.at(-1);
  return { own: some([person, hidden, conversation]), others: some([byNumber]) };
};

/** A mark of what a message says, and since when: equal for every copy of one telling alone. */
const tellingOf = ({ text = '', at }: MessageItem): string => sha256(`${at} ${text}`).slice(0, 16);

/** Lets every call end, then throws what the first one threw. */
const allOf = async (calls: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(calls)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
};
