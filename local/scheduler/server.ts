import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { toJson } from '../../functions/shared/runtime/json.ts';
import { onlyFromHere } from '../callers.ts';
import { close, listen, readBody } from '../http.ts';
import { restRefusal } from '../iam/answers.ts';
import { schedulerCalls } from '../iam/calls.ts';
import type { Guard } from '../iam/guard.ts';
import { parsedJson } from '../json.ts';
import { ScheduleJournal } from './journal.ts';
import { answer } from './operations.ts';
import type { Daily, Schedule } from './schedule.ts';
import { groupArn, scheduleArn } from './schedule.ts';
import { SchedulerError } from './scheduler-error.ts';
import { ScheduleStore } from './store.ts';

/** The service waits longer from try to try. */
const RETRY_MS = 60_000;

/** setTimeout cannot wait longer; it would ring at once. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Where alarms ring: a queue by its ARN. */
export interface Targets {
  knows(arn: string): boolean;
  /** Whether a role that a group's schedules ring with may put messages there. */
  allows(roleArn: string, group: string, arn: string): boolean;
  deliver(arn: string, body: string, attributes?: Readonly<Record<string, string>>): void;
  /** What happens to an alarm that is due, by its name: it rings so many milliseconds later, or twice. As it should unless given. */
  onAlarm?(name: string): number | 'twice' | undefined;
}

/** What is called again and again by this clock: at whole multiples of its time since 1970. */
export interface Again {
  readonly everyMs: number;
  /** With the time that it is for, epoch milliseconds. */
  readonly call: (at: number) => void;
}

/** An alarm that waits, or has just rung. */
export interface PendingAlarm {
  name: string;
  group: string;
  /** ISO 8601. */
  at: string;
  input: unknown;
}

/**
 * EventBridge Scheduler on this machine (REST-JSON), for one-time schedules with queues as targets. It has a clock of its own,
 * which runs with the real one and can be moved ahead of it. Kept in `<data>/schedules.jsonl` when there is a data folder.
 */
export class SchedulerServer {
  readonly url: string;
  readonly #store: ScheduleStore;
  readonly #journal: ScheduleJournal | undefined;
  readonly #targets: Targets;
  readonly #guard: Guard | undefined;
  readonly #server: ReturnType<typeof createServer>;
  #aheadMs: number;
  #timer: NodeJS.Timeout | undefined;
  #nextAt = Number.POSITIVE_INFINITY;
  #running = false;
  #throttled = 0;
  #unheard = 0;
  #unsettled = 0;
  #daily: { one: Daily; next: number }[] = [];
  #rates: { one: Again; next: number }[] = [];

  private constructor(
    server: ReturnType<typeof createServer>,
    url: string,
    targets: Targets,
    data?: string,
    guard?: Guard,
  ) {
    this.#server = server;
    this.url = url;
    this.#targets = targets;
    this.#guard = guard;
    this.#journal = data === undefined ? undefined : new ScheduleJournal(data);
    this.#store = new ScheduleStore(this.#journal, (schedule) => this.#wakeFor(schedule));
    this.#aheadMs = this.#journal?.aheadMs ?? 0;
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    onlyFromHere(server);
  }

  static async start(targets: Targets, dataFolder?: string, guard?: Guard): Promise<SchedulerServer> {
    const server = createServer();
    return new SchedulerServer(server, await listen(server), targets, dataFolder, guard);
  }

  /** Makes a group of the template. Returns its ARN. */
  createGroup(name: string): string {
    this.#store.groups.set(name, { createdAt: this.now() });
    return groupArn(name);
  }

  /** The template's schedules for every day, in place of those that it had. */
  everyDay(schedules: Daily[]): void {
    this.#daily = schedules.map((one) => ({ one, next: one.after(this.now()) }));
    if (this.#running) this.#ring();
  }

  /** What is called again and again, in place of what was. */
  every(rates: readonly Again[]): void {
    this.#rates = rates.map((one) => ({ one, next: lastOf(one, this.now()) + one.everyMs }));
    if (this.#running) this.#ring();
  }

  /** From here on alarms ring; before, their queues may not be there yet. */
  run(): void {
    this.#running = true;
    this.#ring();
  }

  /** Epoch milliseconds. */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /**
   * Moves the clock forward and rings what is due by then, in order. Returns what rang, after it is in the queues. For an
   * instant that has passed the clock stays where it is.
   */
  moveTo(instant: number): PendingAlarm[] {
    const now = this.now();
    if (instant <= now) return this.#ring(now);
    this.#aheadMs += instant - now;
    this.#journal?.clock(this.#aheadMs);
    // At that very instant: a millisecond that passes meanwhile would put off what is tried again after a minute.
    return this.#ring(instant);
  }

  pending(): PendingAlarm[] {
    return this.#waiting().sort(inOrder).map(shown);
  }

  /** The next so many calls are refused for coming too fast. */
  throttle(calls: number): void {
    this.#throttled = calls;
  }

  /** The next so many calls of targets fail. */
  failTargets(calls: number): void {
    this.#unheard = calls;
  }

  /**
   * The next so many changes and deletions of schedules are refused as they now and then are while the service is still busy with an
   * earlier change.
   */
  unsettle(calls: number): void {
    this.#unsettled = calls;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running = false;
    await close(this.#server);
    this.#journal?.close();
  }

  #waiting(): Schedule[] {
    return this.#store.list().filter(({ done, State }) => !done && State === 'ENABLED');
  }

  #ring(now = this.now()): PendingAlarm[] {
    if (!this.#running) return [];
    clearTimeout(this.#timer);
    const waiting = this.#waiting();
    const due = waiting.filter((schedule) => nextOf(schedule) <= now).sort(inOrder);
    const rung = due.filter((schedule) => this.#call(schedule, now)).map(shown);
    const daily = this.#daily.flatMap((one) => this.#callDaily(one, now));
    for (const rate of this.#rates) callAgain(rate, now);
    const next = [...this.#waiting().map(nextOf), ...[...this.#daily, ...this.#rates].map((one) => one.next)];
    this.#wait(next.reduce((first, at) => (at > now && at < first ? at : first), Number.POSITIVE_INFINITY));
    return [...rung, ...daily];
  }

  /** Once, for the last of its times that have passed: after a jump of the clock nobody needs the others. */
  #callDaily(daily: { one: Daily; next: number }, now: number): PendingAlarm[] {
    if (daily.next > now) return [];
    const { one } = daily;
    let at = daily.next;
    for (daily.next = one.after(at); daily.next <= now; daily.next = one.after(at)) at = daily.next;
    const input = one.target.Input.replaceAll('<aws.scheduler.scheduled-time>', new Date(at).toISOString());
    if (!this.#reaches(one.target, one.group, one.target.Arn)) return [];
    this.#targets.deliver(one.target.Arn, input);
    return [{ name: one.name, group: one.group, at: new Date(at).toISOString(), input: parsedJson(input) ?? input }];
  }

  /** One try, and what follows from it. Returns whether the target was reached. */
  #call(schedule: Schedule, now: number): boolean {
    const { Arn, Input, RetryPolicy } = schedule.Target;
    // Who may not reach it is not let in later either, so that is not tried again: nor is what is not there.
    const isThere = this.#reaches(schedule.Target, schedule.GroupName, Arn);
    if (isThere && this.#unheard === 0) {
      // Late once, and not again and again.
      const chance = schedule.failed ? undefined : this.#targets.onAlarm?.(schedule.Name);
      if (typeof chance === 'number') {
        this.#store.fail(schedule, { tries: 0, nextAt: now + chance });
        return false;
      }
      for (let left = chance === 'twice' ? 2 : 1; left > 0; left -= 1) this.#targets.deliver(Arn, Input);
      this.#store.complete(schedule);
      return true;
    }
    this.#unheard = Math.max(0, this.#unheard - 1);
    const { MaximumEventAgeInSeconds: age = 86_400, MaximumRetryAttempts: most = 185 } = RetryPolicy ?? {};
    const tries = (schedule.failed?.tries ?? 0) + 1;
    if (isThere && tries <= most && now < schedule.at + age * 1000) {
      this.#store.fail(schedule, { tries, nextAt: now + RETRY_MS });
      return false;
    }
    this.#setAside(schedule, now, tries - 1, isThere);
    this.#store.complete(schedule);
    return false;
  }

  /** The service sets the call aside that it made, not the text alone, and says why beside it. */
  #setAside(schedule: Schedule, now: number, retries: number, isThere: boolean): void {
    const { GroupName, Target } = schedule;
    const { Arn, Input, DeadLetterConfig } = Target;
    if (!DeadLetterConfig || !this.#reaches(Target, GroupName, DeadLetterConfig.Arn)) return;
    const call = { MessageBody: Input, QueueUrl: `https://sqs.local/${Arn.split(':').at(-1)}` };
    const why = isThere ? unheard(schedule, now) : this.#unreachable(Arn);
    this.#targets.deliver(DeadLetterConfig.Arn, toJson(call), {
      ...why,
      EXECUTION_ID: randomUUID(),
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: String(retries),
      SCHEDULED_TIME: secondsOf(schedule.at),
      SCHEDULE_ARN: scheduleArn(schedule),
      TARGET_ARN: Arn,
    });
  }

  #unreachable(arn: string): Readonly<Record<string, string>> {
    if (this.#targets.knows(arn))
      return { ERROR_CODE: 'AccessDenied', ERROR_MESSAGE: `The role may not send to ${arn}.` };
    return {
      ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue',
      ERROR_MESSAGE: 'The specified queue does not exist.',
    };
  }

  #reaches({ RoleArn }: Schedule['Target'], group: string, arn: string): boolean {
    return this.#targets.knows(arn) && this.#targets.allows(RoleArn, group, arn);
  }

  #wait(at: number): void {
    this.#nextAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ring(), Math.min(MAX_WAIT_MS, Math.max(0, at - this.now())));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = String((await readBody(request, 1024 * 1024)) ?? '');
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', this.url);
    response.setHeader('content-type', 'application/json');
    try {
      if (this.#throttled > 0) {
        this.#throttled -= 1;
        throw new SchedulerError(429, 'ThrottlingException', 'Rate exceeded');
      }
      const call = { method: request.method ?? '', path, query, body: bodyOf(text) };
      const refusal = this.#guard?.refusal(
        request.headers.authorization,
        schedulerCalls(call.method, path, query, call.body),
      );
      if (refusal) {
        const { status, headers, body } = restRefusal(refusal);
        response.writeHead(status, headers).end(body);
        return;
      }
      if (this.#unsettled > 0 && /^(PUT|DELETE) \/schedules\//.test(`${call.method} ${path}`)) {
        this.#unsettled -= 1;
        throw new SchedulerError(409, 'ConflictException', 'The schedule is being changed by another request.');
      }
      const tools = { store: this.#store, now: this.now(), cannotAssume: this.#cannotAssume };
      response.end(JSON.stringify(answer(call, tools)));
    } catch (error) {
      if (!(error instanceof SchedulerError)) throw error;
      response.statusCode = error.status;
      response.setHeader('x-amzn-errortype', error.name);
      response.end(JSON.stringify({ Message: error.message }));
    }
  }

  readonly #cannotAssume = (roleArn: string, group: string): string | undefined =>
    this.#guard?.notAssumable(roleArn, groupArn(group));

  /** A new or changed alarm may be the next one. */
  #wakeFor(schedule: Schedule): void {
    const at = nextOf(schedule);
    if (this.#running && !schedule.done && at < this.#nextAt) this.#wait(at);
  }
}

const lastOf = ({ everyMs }: Again, now: number): number => Math.floor(now / everyMs) * everyMs;

/** Once, for the last of its times that have passed, however far the clock jumped. */
function callAgain(rate: { one: Again; next: number }, now: number): void {
  if (rate.next > now) return;
  const at = lastOf(rate.one, now);
  rate.next = at + rate.one.everyMs;
  rate.one.call(at);
}

/** Such as `2026-11-25T10:00:00Z`. */
const secondsOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** A target that was there and did not take it, until it was too often or too late. */
function unheard({ at, Target }: Schedule, now: number): Readonly<Record<string, string>> {
  const { MaximumEventAgeInSeconds: age = 86_400 } = Target.RetryPolicy ?? {};
  return {
    ERROR_CODE: 'ServiceUnavailable',
    ERROR_MESSAGE: 'The service is unavailable.',
    EXHAUSTED_RETRY_CONDITION: now < at + age * 1000 ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds',
  };
}

const nextOf = ({ at, failed }: Schedule): number => failed?.nextAt ?? at;

const inOrder = (a: Schedule, b: Schedule): number => a.at - b.at || a.createdAt - b.createdAt;

function shown({ Name, GroupName, at, Target }: Schedule): PendingAlarm {
  return {
    name: Name,
    group: GroupName,
    at: new Date(at).toISOString(),
    input: parsedJson(Target.Input) ?? Target.Input,
  };
}

function bodyOf(text: string): unknown {
  const body = text === '' ? {} : parsedJson(text);
  if (body === undefined) throw new SchedulerError(400, 'SerializationException', 'Broken JSON.');
  return body;
}
