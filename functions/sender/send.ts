import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { conversationKey } from '../shared/ezwhatsapp/events.ts';
import type { Health, LineApi } from '../shared/ezwhatsapp/line-api.ts';
import { nextOpening } from '../shared/hours/opening-hours.ts';
import { fingerprint, saidBy, wordsHash } from '../shared/ledger/fingerprint.ts';
import { type Claim, LEASE_MS, type Ledger } from '../shared/ledger/ledger.ts';
import { type Control, dropOf, type LineControl, pauseOf } from '../shared/ledger/line-control.ts';
import type { LinePace } from '../shared/ledger/line-pace.ts';
import type { SendRecord } from '../shared/ledger/rules.ts';
import {
  AUTO_REPLY,
  besideGroup,
  isRequest,
  type Premise,
  pausedGroup,
  type SendCommand,
  type SendRequest,
  waitingGroup,
} from '../shared/ledger/send-command.ts';
import type { Sign } from '../shared/ledger/signs.ts';
import type { WordsNote } from '../shared/ledger/words-note.ts';
import { isOneOf } from '../shared/people/identity.ts';
import type { Notice } from '../shared/people/notice.ts';
import { type Counted, isOneTooMany, type People, type Person } from '../shared/people/people.ts';
import type { UnwrittenStops } from '../shared/people/unwritten-stops.ts';
import { reasonOf } from '../shared/runtime/errors.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import type { HttpResult } from '../shared/runtime/http.ts';
import { jsonIn, toJson } from '../shared/runtime/json.ts';
import type { Log } from '../shared/runtime/log.ts';
import { marked, traceIn } from '../shared/runtime/marks.ts';
import { backOffSeconds } from '../shared/runtime/queue.ts';
import type { SenderConfig } from './config.ts';
import { failingAfter, mayBeAlone } from './line-failures.ts';
import { noteTrouble } from './line-trouble.ts';
import { sendCommandSchema } from './schema.ts';
import {
  afterPost,
  CONVERSATION_REFUSED,
  countsAsNew,
  dropped,
  inShadow,
  intoConversation,
  isIntoConversation,
  isNoConversation,
  isNoMedia,
  linePaused,
  MAX_WAIT_MS,
  mayHaveLeft,
  notSendable,
  type Outcome,
  outOfTime,
  outsideWindow,
  overLimit,
  PAUSED_SECONDS,
  type Posted,
  parkedBy,
  posted,
  recipientOf,
  seenOnLine,
  suppressed,
  templatePaused,
  tooLate,
  untrue,
} from './workflow.ts';

export interface SenderTools {
  readonly config: SenderConfig;
  readonly ledger: Ledger;
  readonly pace: LinePace;
  readonly api: LineApi;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Another name for each turn to post. */
  readonly newTurn: () => string;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly people: Pick<People, 'read' | 'count' | 'noteSent' | 'isOf' | 'rowOf'>;
  readonly unwritten: Pick<UnwrittenStops, 'isKept'>;
  readonly words: Pick<WordsNote, 'note'>;
  readonly hide: (receiptHandles: readonly string[], seconds: number) => Promise<void>;
  /** Whether what a message builds on is still so. */
  readonly holds: (premise: Premise) => Promise<boolean>;
  /** Puts a command into a message group of the queue; a second one with the same id is dropped. */
  readonly requeue: (command: SendCommand, group: string, id: string) => Promise<void>;
  /** What people decided about the line. */
  readonly control: Pick<LineControl, 'read' | 'change'>;
  readonly tell: (notice: Omit<Notice, 'kind'>) => Promise<void>;
  /** Notes that EZWhatsApp took a message; never throws. */
  readonly accepted: Pick<Sign, 'note'>;
  /** Keeps what a message would have said. */
  readonly keepShadow: (key: string, body: string) => Promise<void>;
  /** The line whose keys the ledger holds, as it was noted; thrown errors hold the message. */
  readonly keysLine: () => Promise<string>;
  /** Puts a message aside, with the reason, that is none of ours, or one too many in its hour, so that it holds back no other. */
  readonly setAside: (body: string, reason: string) => Promise<void>;
}

/** A line is asked at most once a minute while it answers that it can send. */
const HEALTH_MS = 60_000;
/** What was read of a person longer ago is read again before anything leaves. */
const SEEN_MS = 1_000;
/** Under which messages are counted that go back to posts without a secret, beside their template. */
const BROWSER_POSTS = 'browser-posts';
/** A message that waited longer, or was received before, is held against its premise again. */
const FRESH_MS = 5_000;

const NOT_A_COMMAND = 'not_a_send_command';

/** After so many failures in a row one message is not the probe any more. */
const BELIEVED_TIMES = 3;

/** What a POST takes at most: two of 10 s with the token read anew between them, and three writes of what it was answered. */
const POST_MS = 38_000;

/** Half of what the queue delivers a message before it counts as dead: one that waits for its line is queued anew by then. */
const MANY_RECEIVES = 500;

/** `done` takes the message off the queue; a hold leaves it and all later ones there for so many seconds. */
type Verdict = 'done' | { readonly holdSeconds: number };

export class Sender {
  readonly #tools: SenderTools;
  readonly #dayOf: (at: number) => string;
  #sendableAt = Number.NEGATIVE_INFINITY;
  #lastPostAt = Number.NEGATIVE_INFINITY;
  #controlled: { readonly at: number; readonly control: Promise<Control | undefined> } | undefined;
  /** How often in a row something was thrown. */
  #thrown = 0;

  constructor(tools: SenderTools) {
    this.#tools = tools;
    const { format } = new Intl.DateTimeFormat('en-CA', { timeZone: tools.config.zone });
    this.#dayOf = format;
  }

  /** A batch may hold messages that wait for the client's hours, for their template, or for others to be tried, beside those of the line itself. */
  async run(records: readonly SQSRecord[], remainingMs: () => number): Promise<SQSBatchResponse> {
    const { lineId } = this.#tools.config;
    const groupOf = ({ attributes }: SQSRecord): string => attributes.MessageGroupId ?? '';
    const isWaiting = (record: SQSRecord): boolean => groupOf(record) === waitingGroup(lineId);
    const isPaused = (record: SQSRecord): boolean => groupOf(record).startsWith(pausedGroup(lineId, ''));
    const isBeside = (record: SQSRecord): boolean => groupOf(record).startsWith(besideGroup(lineId, ''));
    const inGroups = (is: (record: SQSRecord) => boolean): SQSRecord[][] =>
      [...new Set(records.filter(is).map(groupOf))].map((group) =>
        records.filter((record) => groupOf(record) === group),
      );
    const ofLine = records.filter((record) => !isWaiting(record) && !isPaused(record) && !isBeside(record));
    const commands = new Map(ofLine.map((record) => [record, commandOf(record.body)]));
    const corrected = correctedIn(commands);
    const kept = [
      ...(await this.#inTurn(records.filter(isWaiting), (record) => this.#hours(record))),
      ...(await this.#inTurns(inGroups(isPaused), (record) => this.#paused(record))),
      ...(await this.#inTurns(inGroups(isBeside), (record) => this.#beside(record))),
      ...(await this.#inTurn(ofLine, async (record) => {
        const command = commands.get(record);
        if (!command) return this.#unknown(record);
        // What is waited for must leave the time that a message may take.
        const gapMs = isRequest(command.outcome) ? this.#gapLeftMs() : 0;
        if (remainingMs() - gapMs < LEASE_MS) return { holdSeconds: gapMs / 1000 };
        const key = corrected.get(record);
        if (key !== undefined && (await this.#gaveWay(key, record))) return 'done';
        const isLast = record === ofLine.at(-1);
        return !isLast && (await this.#madeWay(command, record)) ? 'done' : this.#send(command, record, gapMs);
      })),
    ];
    return { batchItemFailures: kept.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  }

  /**
   * Takes records in order. At the first one that must wait, it and all later ones stay in the queue, hidden together, so that
   * while the API fails one message probes it per hold and not every one that waits. Gives those that stay.
   */
  async #inTurn(
    records: readonly SQSRecord[],
    take: (record: SQSRecord) => Promise<Verdict>,
  ): Promise<readonly SQSRecord[]> {
    for (const [i, record] of records.entries()) {
      const verdict = await marked(traceIn(record.body), () => this.#held(record, take));
      if (verdict === 'done') continue;
      const waiting = records.slice(i);
      await this.#tools.hide(
        waiting.map(({ receiptHandle }) => receiptHandle),
        verdict.holdSeconds,
      );
      return waiting;
    }
    return [];
  }

  /** Groups beside each other: what waits in one holds back none of another. */
  async #inTurns(
    groups: readonly (readonly SQSRecord[])[],
    take: (record: SQSRecord) => Promise<Verdict>,
  ): Promise<readonly SQSRecord[]> {
    return (await Promise.all(groups.map((records) => this.#inTurn(records, take)))).flat();
  }

  /** One that waits for the client's hours: when they begin it goes back among the messages of the line. */
  async #hours(record: SQSRecord): Promise<Verdict> {
    const { config, now } = this.#tools;
    const command = commandOf(record.body);
    if (!command) return this.#unknown(record);
    const ownTime = ownTimeOf(command, record, now());
    const opening = config.sendWindow && nextOpening(config.sendWindow, ownTime);
    // What the queue would drop before is judged anew, among the messages of the line.
    const waitMs = (opening ?? ownTime) - ownTime;
    const isKept = now() - Number(record.attributes.SentTimestamp) + waitMs <= MAX_WAIT_MS;
    if (waitMs > 0 && isKept) return { holdSeconds: Math.ceil(waitMs / 1000) };
    return this.#back(command, record);
  }

  /** One that waits while its template is paused: when that goes on, or there is nothing to wait for, it goes back among those of the line. */
  async #paused(record: SQSRecord): Promise<Verdict> {
    const { config, now } = this.#tools;
    const command = commandOf(record.body);
    if (!command) return this.#unknown(record);
    const control = await this.#control();
    const isUseful = ownTimeOf(command, record, now()) <= Date.parse(command.usefulUntil);
    const isPaused = control === undefined || pauseOf(control, command.template) !== undefined;
    const isTakenBack = control && dropOf(control, command.template, queuedAt(command, record)) !== undefined;
    if (!isUseful || !isPaused || isTakenBack) return this.#back(command, record);
    if (!hasManyReceives(record)) return { holdSeconds: Math.min(PAUSED_SECONDS, this.#backOff(1)) };
    return this.#again(command, record, pausedGroup(config.lineId, command.template));
  }

  /** One on which alone the API failed: it is tried again behind what came meanwhile, each time later. */
  async #beside(record: SQSRecord): Promise<Verdict> {
    const { config, ledger, now } = this.#tools;
    const command = commandOf(record.body);
    if (!command) return this.#unknown(record);
    const standing = await ledger.read(config.keysOf, command.key);
    const dueAt = Number(record.attributes.SentTimestamp) + this.#backOff(standing?.attempts ?? 1) * 1000;
    const isOpen = standing?.state === 'UNKNOWN' || standing?.state === 'CLAIMED';
    if (isOpen && dueAt > now()) return { holdSeconds: (dueAt - now()) / 1000 };
    return this.#again(command, record, config.lineId);
  }

  /** Among the messages of the line, unless a later body has taken the key over meanwhile; of two from one instant the later one to come counts. */
  async #back(command: SendCommand, record: SQSRecord): Promise<Verdict> {
    const { config, ledger } = this.#tools;
    const standing = await ledger.read(config.keysOf, command.key);
    const isSuperseded = standing?.state === 'HELD' && standing.bodyHash !== sha256(JSON.stringify(command.outcome));
    return isSuperseded ? 'done' : this.#again(command, record, config.lineId);
  }

  /** Queued anew as it stands: with no receives behind it, and as young as a new one, so that the queue keeps it. */
  async #again(command: SendCommand, record: SQSRecord, group: string): Promise<Verdict> {
    await this.#tools.requeue(asItStands(command, record, this.#tools.now()), group, `${record.messageId}-again`);
    return 'done';
  }

  async #unknown(record: SQSRecord): Promise<Verdict> {
    await this.#tools.setAside(record.body, NOT_A_COMMAND);
    this.#tools.log('error', { event: 'send', reason: NOT_A_COMMAND, messageId: record.messageId });
    return 'done';
  }

  /** A message that was held, by itself or behind another one, and has a newer body behind it in the queue gives way to that. */
  async #gaveWay(key: string, { attributes }: SQSRecord): Promise<boolean> {
    const { ledger, config, log } = this.#tools;
    const standing = await ledger.read(config.keysOf, key);
    const wasHeld = standing ? standing.state === 'HELD' : Number(attributes.ApproximateReceiveCount) > 1;
    if (!wasHeld || standing?.firstAttemptAt !== undefined) return false;
    log('info', { event: 'send', key, outcome: 'gave_way' });
    return true;
  }

  /**
   * While the API fails with the line well, each hold is for another message to end: one that was held because of its own failure waits beside
   * the line now. So bodies that it fails on, one behind the other, hold up no other for longer than a hold each.
   */
  async #madeWay(command: SendCommand, record: SQSRecord): Promise<boolean> {
    const { config, ledger, log } = this.#tools;
    const { key } = command;
    const { ApproximateReceiveCount, SentTimestamp } = record.attributes;
    if (Number(ApproximateReceiveCount) === 1) return false;
    const { times = 0, on } = (await this.#control())?.failing ?? {};
    // Where the API said when to come again it is believed, a few times.
    if (times === 0 || (on === undefined && times < BELIEVED_TIMES)) return false;
    const standing = await ledger.read(config.keysOf, key);
    if (standing?.state !== 'UNKNOWN' || standing.parked || (standing.response?.status ?? 0) < 500) return false;
    // One that came back behind others, and was received with them, is still to have its turn.
    if (standing.updatedAt < Number(SentTimestamp)) return false;
    await this.#again(command, record, besideGroup(config.lineId, sha256(key)));
    log('info', { event: 'send', key, outcome: 'made_way' });
    return true;
  }

  /** Whatever is thrown holds the line, as a failure of the line does. */
  async #held(record: SQSRecord, take: (record: SQSRecord) => Promise<Verdict>): Promise<Verdict> {
    try {
      const verdict = await take(record);
      this.#thrown = 0;
      return verdict;
    } catch (error) {
      this.#thrown += 1;
      const holdSeconds = this.#backOff(this.#thrown);
      this.#tools.log('error', { event: 'send', reason: reasonOf(error), holdSeconds, messageId: record.messageId });
      return { holdSeconds };
    }
  }

  async #send(command: SendCommand, sqs: SQSRecord, gapMs: number): Promise<Verdict> {
    const { ledger, now, log, config, sleep, accepted } = this.#tools;
    const { key, template, asOf, usefulUntil, corrects, outcome } = command;
    const isOurs = await this.#keysAreOurs();
    const isShadow = isRequest(outcome) && (await this.#isShadow(outcome));
    // Before the claim, so that what is read beside it is still so when the message leaves.
    if (gapMs > 0) await sleep(gapMs);
    const ownTime = ownTimeOf(command, sqs, now());
    // Beside the claim: that it could not be read is known when it is needed.
    const [person, control] = isRequest(outcome) ? [this.#person(outcome), this.#control()] : [];
    const claim = await ledger.claim({
      lineId: config.keysOf,
      key,
      template,
      person: await this.#rowOf(command, person),
      because: command.because,
      trace: command.trace,
      asOf,
      usefulUntil,
      queuedAt: queuedAt(command, sqs),
      bodyHash: sha256(JSON.stringify(outcome)),
      // What does not leave is not seen on the line: a person may write the very same there.
      ...(isRequest(outcome) && !isShadow && fingerprint(outcome)),
      ...((await this.#isInThread(outcome)) && { inThread: true }),
    });
    if (claim === 'in-progress') return this.#wait(command, claim, this.#backOff(1));
    if (claim === 'done' || (claim === 'conflict' && (corrects || !isRequest(outcome)))) {
      log('info', { event: 'send', key, template, outcome: 'duplicate' });
      return 'done';
    }
    if (claim === 'conflict') {
      await ledger.noteConflict(config.keysOf, key);
      log('error', { event: 'send', key, template, outcome: 'refused', reason: 'other_body_under_a_used_key' });
      return 'done';
    }
    const startedAt = now();
    const result = await this.#attempt(claim, command, {
      isOurs,
      isShadow,
      person,
      control,
      ownTime,
      waited: hasWaited(sqs, startedAt),
    });
    // First aside, then settled: a crash between the two leaves a copy there that the ledger knows, never a gap.
    const dated = { ...command, queuedAt: iso(queuedAt(command, sqs)) };
    if (result.aside) await this.#tools.setAside(toJson(dated), result.settlement.reason ?? 'not_noted');
    if (result.waits) {
      const group = result.waits === 'hours' ? waitingGroup(config.lineId) : pausedGroup(config.lineId, template);
      await this.#again(command, sqs, group);
    }
    const isBeside =
      result.perhapsAlone === true && mayBeAlone((await this.#control())?.failing, key, result.settlement.attempts);
    if (isBeside) await this.#again(command, sqs, besideGroup(config.lineId, sha256(key)));
    const settled = await ledger.settle(claim.record, result.settlement);
    const { state, reason, attempts, response } = result.settlement;
    const times = await this.#noteFailing(result, key, isBeside);
    const { seconds, most = Number.POSITIVE_INFINITY } = result.hold ?? {};
    const holdSeconds = result.hold && !isBeside ? (seconds ?? Math.min(most, this.#backOff(times))) : undefined;
    log(state === 'ACCEPTED' ? 'info' : 'warn', {
      event: 'send',
      key,
      template,
      state,
      reason,
      attempt: attempts,
      status: response?.status,
      holdSeconds,
      ms: now() - startedAt,
      waitedMs: Math.max(0, startedAt - queuedAt(command, sqs)),
      outcome: settled ? 'written' : 'overtaken',
    });
    // What was only seen on the line was not taken now.
    if (state === 'ACCEPTED' && response !== undefined) await accepted.note();
    if (holdSeconds === undefined) return 'done';
    return hasManyReceives(sqs) ? this.#again(command, sqs, config.lineId) : { holdSeconds };
  }

  async #attempt(claim: Claim, command: SendCommand, around: Circumstances): Promise<Outcome> {
    const { isOurs, isShadow, ownTime, waited } = around;
    const { config, holds, now } = this.#tools;
    const { outcome, template, premise, quietFor } = command;
    const seenOn = seenOnLine(claim);
    if (seenOn) return seenOn;
    if (!isRequest(outcome)) return parkedBy(claim, outcome.state, outcome.reason);
    if (!isOurs) return notSendable(claim, LINE_CHANGED);
    const control = await around.control;
    if (!control) return notSendable(claim, CONTROL_UNREADABLE);
    const takenBack = takenBackBy(claim, control);
    if (takenBack) return takenBack;
    const window = template === AUTO_REPLY ? undefined : config.sendWindow;
    const untimely = tooLate(claim, now(), ownTime, config.repeatUncertain) ?? outsideWindow(claim, ownTime, window);
    if (untimely) return untimely;
    const paused = pausedBy(claim, control, template);
    if (paused) return paused;
    const seen = await around.person;
    if (!seen) return this.#unreadable(claim);
    const stopped = await this.#stopped(claim, seen, control);
    if (stopped) return stopped;
    if (premise && (waited || claim.before) && !(await holds(premise))) return untrue(claim);
    const talking = intoConversation(claim, seen.person, quietFor, now());
    if (talking) return talking;
    if (isShadow) {
      await this.#tools.keepShadow(claim.record.key, outcome.body);
      return inShadow(claim);
    }
    const health = await this.#health(control);
    if (!health.sendable) return notSendable(claim, health);
    const refused = await this.#overLimit(claim, command, seen.person);
    if (refused) return refused;
    const left = await this.#post(claim, outcome, seen);
    if (mayHaveLeft(left)) {
      await this.#noteWords(claim, control, left.said);
      await this.#count(claim, command, seen, left.said);
    }
    return left;
  }

  /** False where what was told is stored under another line: then nothing is known of it, and nothing may leave. */
  async #keysAreOurs(): Promise<boolean> {
    const { keysLine, config, log } = this.#tools;
    const noted = await keysLine();
    if (noted === config.keysOf) return true;
    log('error', {
      event: 'line',
      reason: LINE_CHANGED.problem,
      outcome: `write keysOf: '${noted}' in the client file`,
    });
    return false;
  }

  /** What the client file lets through, one limit after the other: what one of them holds takes no place of the next. */
  async #overLimit(claim: Claim, { template, unproven }: SendCommand, person: Person): Promise<Outcome | undefined> {
    const { config } = this.#tools;
    if (!countsAsNew(claim)) return undefined;
    const counted = this.#counted(claim);
    const isCapped = config.perPersonPerDay !== 'off' && template !== AUTO_REPLY;
    if (isCapped && isOneTooMany(person, counted, Number(config.perPersonPerDay)))
      return overLimit(claim, 'person_cap');
    if (unproven && !(await this.#mayGo(config.browserPostsPerHour, BROWSER_POSTS, counted))) {
      return overLimit(claim, 'browser_cap');
    }
    return (await this.#mayGo(config.burstPerHour, template, counted)) ? undefined : overLimit(claim, 'burst_guard');
  }

  async #mayGo(perHour: number | 'off', template: string, { key }: Counted): Promise<boolean> {
    const { pace, config } = this.#tools;
    return perHour === 'off' || pace.countSend(config.keysOf, { template, key }, perHour);
  }

  #counted({ record: { key } }: Claim): Counted {
    return { key, day: this.#dayOf(this.#tools.now()) };
  }

  /** Where the line names people by privacy ids nothing else may tell whose the echo is. */
  async #noteWords({ record }: Claim, { hidesNumbers }: Control, text: string | undefined): Promise<void> {
    const { words, log } = this.#tools;
    if (hidesNumbers === undefined || text === undefined) return;
    try {
      await words.note(record.pk, text);
    } catch (error) {
      log('warn', { event: 'send', key: record.key, reason: reasonOf(error), outcome: 'words_not_noted' });
    }
  }

  /** Notes what went to a person, or may have, and counts it for their day where days are limited. */
  async #count(
    claim: Claim,
    { template, because }: SendCommand,
    { person }: Seen,
    text: string | undefined,
  ): Promise<void> {
    const { people, config, log, now } = this.#tools;
    const { key } = claim.record;
    const sent = {
      key,
      template,
      ...(because && { id: because.id }),
      ...(text !== undefined && { words: wordsHash(text) }),
      at: new Date(now()).toISOString(),
    };
    try {
      if (template === AUTO_REPLY) await people.noteSent(person, sent, 'replied');
      else if (config.perPersonPerDay === 'off') await people.noteSent(person, sent);
      else await people.count(person, this.#counted(claim), sent);
    } catch (error) {
      // What became of the message must be written whatever becomes of the count.
      log('warn', { event: 'send', key: claim.record.key, reason: reasonOf(error), outcome: 'not_counted' });
    }
  }

  async #post(
    claim: Claim,
    request: SendRequest,
    seen: Seen,
  ): Promise<Outcome & { readonly said?: string | undefined }> {
    const { api, config, now } = this.#tools;
    const failed = (await this.#turn(claim)) ?? (await this.#stoppedMeanwhile(claim, request, seen));
    if (failed) return failed;
    if (!this.#hasTime(claim)) return outOfTime(claim, 0);
    const { record } = claim;
    let sent = posted(request, record);
    let result = await api.post(sent.path, sent.body, record.key);
    const instead = insteadOf(claim, request, result);
    if (instead) {
      if (!this.#hasTime(claim)) return became(outOfTime(claim, 0), sent, instead);
      sent = posted(request, instead);
      result = await api.post(sent.path, sent.body, record.key);
    }
    this.#lastPostAt = now();
    const outcome = became(afterPost(claim, sent, result, now()), sent, instead);
    if (outcome.isRefusal) {
      if (!this.#hasTime(claim)) return became(outOfTime(claim, 0), sent, instead);
      // A line that cannot send may refuse whatever it is given: then it is no fault of the message.
      this.#sendableAt = Number.NEGATIVE_INFINITY;
      const health = await this.#health();
      if (!health.sendable) return notSendable(claim, health);
      if (isIntoConversation(request.body)) await this.#refusedThere(request);
    }
    // After a failure of the line the next message asks for its health before anything leaves.
    if (outcome.hold) {
      this.#sendableAt = Number.NEGATIVE_INFINITY;
      // Best effort: what became of this POST must be written whatever becomes of the note.
      if (this.#hasTwin) await this.#tools.pace.noteFailure(config.keysOf).catch(() => undefined);
      return { ...outcome, failedAt: now() };
    }
    return outcome;
  }

  /** WhatsApp may hide the number, so nothing else can be tried. People are told once a day: each of those who wrote they see anyway. */
  async #refusedThere({ body }: SendRequest): Promise<void> {
    const { config, now } = this.#tools;
    const { conversationId } = JSON.parse(body) as { conversationId?: unknown };
    const at = iso(now());
    await this.#tell({
      id: `${CONVERSATION_REFUSED}#${config.keysOf}#${at.slice(0, '2026-11-22'.length)}`,
      code: CONVERSATION_REFUSED,
      says: 'EZWhatsApp refused an automatic answer in a conversation, and no number is known to send it to: answer there by hand; others may follow',
      source: 'sender',
      severity: 'warning',
      at,
      ...(typeof conversationId === 'string' && { conversationId }),
    });
  }

  /** What becomes of a message must be written whether people can be told just now or not. */
  async #tell(notice: Omit<Notice, 'kind'>): Promise<void> {
    const { tell, log } = this.#tools;
    try {
      await tell(notice);
    } catch (error) {
      log('error', { event: 'notice', reason: reasonOf(error), outcome: 'not_told' });
    }
  }

  /** Where messages wait for the client's hours there are two message groups, and so may be two processes. */
  get #hasTwin(): boolean {
    return this.#tools.config.sendWindow !== undefined;
  }

  /** Waits for a turn that no twin has, and asks the line again if a twin saw it fail since it was asked here. */
  async #turn(claim: Claim): Promise<Outcome | undefined> {
    const { config, pace, newTurn, sleep } = this.#tools;
    if (!this.#hasTwin) return undefined;
    const [owner, gap] = [newTurn(), Math.ceil(this.#gapMs())];
    let turn = await pace.takeTurn(config.keysOf, owner, gap);
    while (turn.waitMs > 0) {
      if (!this.#hasTime(claim, turn.waitMs)) return outOfTime(claim, turn.waitMs / 1000);
      await sleep(turn.waitMs);
      turn = await pace.takeTurn(config.keysOf, owner, gap);
    }
    if (turn.failedAt < this.#sendableAt) return undefined;
    this.#sendableAt = Number.NEGATIVE_INFINITY;
    const health = await this.#health();
    return health.sendable ? undefined : notSendable(claim, health);
  }

  /** Least milliseconds between two messages of the line, anew each time. */
  #gapMs(): number {
    const { config, random } = this.#tools;
    return config.minGapSeconds * 1000 * (1 + random() / 2);
  }

  /** Milliseconds until the line may post again, as far as this process posted. */
  #gapLeftMs(): number {
    return Math.max(0, this.#lastPostAt + this.#gapMs() - this.#tools.now());
  }

  /** Whether a POST that begins after so many milliseconds is answered and written down before anybody else may claim its message. */
  #hasTime({ record: { leaseUntil } }: Claim, waitMs = 0): boolean {
    return leaseUntil - this.#tools.now() - waitMs >= POST_MS;
  }

  /** Whether a message is said in the conversation that it names: if that is known to be the conversation of its number. */
  async #isInThread(outcome: SendCommand['outcome']): Promise<boolean> {
    if (!isRequest(outcome) || outcome.conversationId === undefined) return false;
    const { people, config } = this.#tools;
    return people.isOf(
      conversationKey(config.keysOf, outcome.conversationId),
      recipientOf(config.keysOf, outcome.body),
    );
  }

  /** Row of whom a message is for: of a number its hash alone, of a conversation what is known of it. */
  async #rowOf(
    { to, outcome }: SendCommand,
    person: Promise<Seen | undefined> | undefined,
  ): Promise<string | undefined> {
    const { people, config } = this.#tools;
    const recipient = isRequest(outcome) ? recipientOf(config.keysOf, outcome.body) : to;
    if (recipient === undefined) return undefined;
    // What cannot be read now is known to be so when it is needed.
    return recipient.startsWith('+') ? people.rowOf(recipient).catch(() => undefined) : (await person)?.person.pk;
  }

  /** What stands of a person, and since when that is known; undefined if it cannot be read. */
  async #person({ body }: SendRequest): Promise<Seen | undefined> {
    const { people, config, now } = this.#tools;
    const at = now();
    try {
      return { person: await people.read(recipientOf(config.keysOf, body)), at };
    } catch {
      return undefined;
    }
  }

  /** A message that had to wait for its turn looks once more: a "stop" may have come in between. */
  async #stoppedMeanwhile(claim: Claim, request: SendRequest, { at }: Seen): Promise<Outcome | undefined> {
    if (this.#tools.now() - at < SEEN_MS) return undefined;
    const latest = await this.#person(request);
    if (!latest) return this.#unreadable(claim);
    const control = await this.#control();
    if (!control) return notSendable(claim, CONTROL_UNREADABLE);
    const stopped = await this.#stopped(claim, latest, control);
    return stopped ?? takenBackBy(claim, control) ?? pausedBy(claim, control, claim.record.template);
  }

  /** Of somebody who said stop, also where the list of stops could not take it. */
  async #stopped(claim: Claim, { person }: Seen, control: Control): Promise<Outcome | undefined> {
    if (person.stopped) return suppressed(claim);
    try {
      return (await this.#tools.unwritten.isKept(person, control)) ? suppressed(claim) : undefined;
    } catch {
      return this.#unreadable(claim);
    }
  }

  /** Who said stop cannot be read, so nothing leaves. People are told once a day: there may be something to mend. */
  async #unreadable(claim: Claim): Promise<Outcome> {
    const { config, now } = this.#tools;
    const at = iso(now());
    await this.#tell({
      id: `stop_list_unreadable#${config.keysOf}#${at.slice(0, '2026-11-22'.length)}`,
      code: 'stop_list_unreadable',
      says: 'who said stop cannot be read: nothing is sent until it can; "ezw doctor" says more',
      source: 'sender',
      severity: 'critical',
      at,
    });
    return notSendable(claim, UNREADABLE);
  }

  /** What people decided about the line, as it stood within the last second; undefined if it cannot be read. */
  #control(): Promise<Control | undefined> {
    const { control, now } = this.#tools;
    const at = now();
    if (this.#controlled === undefined || at - this.#controlled.at >= SEEN_MS) {
      this.#controlled = { at, control: control.read().catch(() => undefined) };
    }
    return this.#controlled.control;
  }

  /** Whether a message only would go out: the client file names the phones that are written to, and this is none of them. */
  async #isShadow({ body }: SendRequest): Promise<boolean> {
    const { config, people } = this.#tools;
    const { only } = config;
    if (!only) return false;
    const recipient = recipientOf(config.keysOf, body);
    if (recipient.startsWith('+')) return !isOneOf(recipient, only);
    const known = await Promise.all(only.map((phone) => people.isOf(recipient, phone)));
    return !known.includes(true);
  }

  /**
   * Notes how often in a row nothing could leave, for the processes that did not see it, or that something did. Best effort.
   * @returns how often
   */
  async #noteFailing(result: Outcome, key: string, isBeside: boolean): Promise<number> {
    const { control, log, now } = this.#tools;
    const known = (await this.#control())?.failing;
    const after = failingAfter(result, key, isBeside);
    if (after(known) === known) return known?.times ?? 1;
    try {
      const at = now();
      const stands = await control.change((one) => {
        const failing = after(one.failing);
        return failing === one.failing ? one : { ...one, failing };
      });
      this.#controlled = { at, control: Promise.resolve(stands) };
      return stands.failing?.times ?? 1;
    } catch (error) {
      log('warn', { event: 'line', reason: reasonOf(error), outcome: 'not_noted' });
      return (known?.times ?? 0) + 1;
    }
  }

  async #health(control?: Control): Promise<Health> {
    const { api, log, now } = this.#tools;
    if (now() - this.#sendableAt < HEALTH_MS) return { sendable: true };
    const health = await api.health();
    const { problem, ...states } = health;
    log(health.sendable ? 'info' : 'warn', { event: 'health', reason: problem, ...states });
    if (health.sendable) this.#sendableAt = now();
    if (control) await noteTrouble(health, control, this.#tools);
    return health;
  }

  #wait(command: SendCommand, reason: string, holdSeconds: number): Verdict {
    this.#tools.log('warn', {
      event: 'send',
      key: command.key,
      template: command.template,
      outcome: 'waits',
      reason,
      holdSeconds,
    });
    return { holdSeconds };
  }

  /** @param times in a row, from 1 on */
  #backOff(times: number): number {
    const { from, to } = this.#tools.config.hold;
    return backOffSeconds(times, from, to);
  }
}

type Way = Partial<Pick<SendRecord, 'inThread' | 'asText'>>;

/** Another way for a message whose first one the API refused, where it surely did not leave. */
const insteadOf = (claim: Claim, request: SendRequest, result: HttpResult): Way | undefined => {
  if (isNoConversation(claim, result)) return { inThread: false };
  return isNoMedia(claim, request, result) ? { asText: true } : undefined;
};

/** Whatever became of it, it goes that way from now on, for the bytes of a key stay the same; and by its words it is known on the line. */
const became = (outcome: Outcome, sent: Posted, instead: Way | undefined): Outcome & { readonly said?: string } => {
  const said = saidBy(sent);
  const settlement = { ...outcome.settlement, ...instead, ...(instead?.asText && fingerprint(sent)) };
  return { ...outcome, settlement, ...(said !== undefined && { said }) };
};

const LINE_CHANGED: Health & { readonly problem: string } = { sendable: false, problem: 'line_changed' };
const UNREADABLE: Health = { sendable: false, problem: 'suppression_list_unreadable' };
const CONTROL_UNREADABLE: Health = { sendable: false, problem: 'line_control_unreadable' };

/** What somebody took back before it left. */
const takenBackBy = (claim: Claim, control: Control): Outcome | undefined => {
  const { template, queuedAt: at } = claim.record;
  const drop = at === undefined ? undefined : dropOf(control, template, at);
  return drop && dropped(claim, drop);
};

/** What somebody's word keeps from leaving, the line's or its template's; a line that was shut out is as good as paused by a person. */
const pausedBy = (claim: Claim, control: Control, template: string): Outcome | undefined => {
  if (control.paused) return linePaused(claim, 'paused');
  if (control.trouble?.kind === 'banned') return linePaused(claim, 'line_banned');
  return pauseOf(control, template) && templatePaused(claim);
};

/** What stands of a person, as it was read at `at` (epoch milliseconds). */
interface Seen {
  readonly person: Person;
  readonly at: number;
}

/** What is known of a message before it is tried. `ownTime` is the time on its own clock, `waited` whether it had to wait. */
interface Circumstances {
  readonly isOurs: boolean;
  readonly isShadow: boolean;
  readonly person: Promise<Seen | undefined> | undefined;
  readonly control: Promise<Control | undefined> | undefined;
  readonly ownTime: number;
  readonly waited: boolean;
}

const hasManyReceives = ({ attributes }: SQSRecord): boolean =>
  Number(attributes.ApproximateReceiveCount) >= MANY_RECEIVES;

const hasWaited = ({ attributes }: SQSRecord, now: number): boolean =>
  Number(attributes.ApproximateReceiveCount) > 1 || now - Number(attributes.SentTimestamp) > FRESH_MS;

/** The time on a message's own clock, which stood at `decidedFor` when it was queued. */
const ownTimeOf = ({ decidedFor }: SendCommand, sqs: SQSRecord, now: number): number =>
  decidedFor === undefined ? now : Date.parse(decidedFor) + now - Number(sqs.attributes.SentTimestamp);

const iso = (at: number): string => new Date(at).toISOString();

/** When a message was queued first, and so composed; epoch milliseconds. */
const queuedAt = (command: SendCommand, { attributes }: SQSRecord): number =>
  Date.parse(command.queuedAt ?? '') || Number(attributes.SentTimestamp);

/** The command with its own clock as it stands, for it runs on from the moment of queueing. */
const asItStands = (command: SendCommand, sqs: SQSRecord, now: number): SendCommand => ({
  ...command,
  queuedAt: iso(queuedAt(command, sqs)),
  ...(command.decidedFor !== undefined && { decidedFor: iso(ownTimeOf(command, sqs, now)) }),
});

/** Messages of which a newer body under the same key stands behind them in the queue, by that key. */
const correctedIn = (commands: ReadonlyMap<SQSRecord, SendCommand | undefined>): ReadonlyMap<SQSRecord, string> => {
  const all = [...commands].flatMap(([record, command]) => (command ? [{ record, command }] : []));
  const isNewer = (later: SendCommand, { key, asOf, outcome }: SendCommand): boolean =>
    later.key === key &&
    Date.parse(later.asOf) >= Date.parse(asOf) &&
    JSON.stringify(later.outcome) !== JSON.stringify(outcome);
  const corrected = all.filter(({ command }, i) => all.slice(i + 1).some((later) => isNewer(later.command, command)));
  return new Map(corrected.map(({ record, command }) => [record, command.key]));
};

const commandOf = (body: string): SendCommand | undefined => sendCommandSchema.safeParse(jsonIn(body)).data;
