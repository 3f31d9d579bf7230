import type { z } from 'zod';
import { groupArn, instantOf, nameSchema, partsOf, type Schedule, scheduleArn, scheduleInput } from './schedule.ts';
import { invalid, notFound, SchedulerError } from './scheduler-error.ts';
import type { ScheduleStore } from './store.ts';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Parsed JSON; an empty object without a body. */
  body: unknown;
}

interface Tools {
  store: ScheduleStore;
  /** Epoch milliseconds on the scheduler's own clock. */
  now: number;
  /** Why the service cannot be a role for a group's schedules; undefined when it can. */
  cannotAssume: (roleArn: string, group: string) => string | undefined;
}

type Operation = (call: Call, name: string, tools: Tools) => object;

/** Answers one call of the REST API as the service would. Throws a SchedulerError. Times in answers are seconds since 1970. */
export function answer(call: Call, tools: Tools): object {
  const [, resource = '', name = '', ...rest] = partsOf(call.path);
  const key = `${call.method} ${resource}${name === '' ? '' : '/{Name}'}`;
  const operation = Object.hasOwn(operations, key) ? operations[key] : undefined;
  if (!operation || rest.length > 0) {
    throw new SchedulerError(404, 'UnknownOperationException', `${call.method} ${call.path} is not emulated here.`);
  }
  return operation(call, name === '' ? '' : nameIn(name), tools);
}

function nameIn(name: string): string {
  if (nameSchema.safeParse(name).success) return name;
  const limit =
    name.length > 64 ? 'have length less than or equal to 64' : 'satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$';
  throw invalid(
    `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must ${limit}`,
  );
}

const operations: Record<string, Operation> = {
  'POST schedules/{Name}': ({ body }, name, tools) => ({
    ScheduleArn: scheduleArn(tools.store.create(scheduleOf(name, body, tools))),
  }),
  'PUT schedules/{Name}': ({ body }, name, tools) => ({
    ScheduleArn: scheduleArn(tools.store.update(scheduleOf(name, body, tools))),
  }),
  'GET schedules/{Name}': ({ query }, name, { store }) =>
    describe(store.get(query.get('groupName') ?? 'default', name)),
  'DELETE schedules/{Name}': ({ query }, name, { store }) => {
    store.delete(query.get('groupName') ?? 'default', name);
    return {};
  },
  'GET schedules': ({ query }, _, { store }) => {
    const [group, prefix, state] = ['ScheduleGroup', 'NamePrefix', 'State'].map((field) => query.get(field));
    const found = store
      .list()
      .filter(
        ({ GroupName, Name, State }) =>
          (group ?? GroupName) === GroupName && Name.startsWith(prefix ?? '') && (state ?? State) === State,
      )
      .sort((a, b) => (a.Name < b.Name ? -1 : 1));
    const page = paged(found, query);
    return { Schedules: page.items.map(summary), NextToken: page.next };
  },
  'POST schedule-groups/{Name}': (_, name, { store, now }) => {
    if (store.groups.has(name)) throw new SchedulerError(409, 'ConflictException', `Group ${name} already exists.`);
    store.groups.set(name, { createdAt: now });
    return { ScheduleGroupArn: groupArn(name) };
  },
  'GET schedule-groups/{Name}': (_, name, { store }) => {
    const group = store.groups.get(name);
    if (!group) throw notFound(`Schedule group ${name}`);
    return describeGroup([name, group]);
  },
  'DELETE schedule-groups/{Name}': (_, name, { store }) => {
    store.deleteGroup(name);
    return {};
  },
  'GET schedule-groups': ({ query }, _, { store }) => {
    const found = [...store.groups].filter(([name]) => name.startsWith(query.get('NamePrefix') ?? ''));
    const page = paged(found, query);
    return { ScheduleGroups: page.items.map(describeGroup), NextToken: page.next };
  },
};

/** Whether its queues are there is seen when it rings, as at the service. */
function scheduleOf(name: string, body: unknown, { now, cannotAssume }: Tools): Schedule {
  const given = parse(scheduleInput, body);
  const problem = cannotAssume(given.Target.RoleArn, given.GroupName);
  if (problem !== undefined) throw invalid(problem);
  const at = instantOf(given.ScheduleExpression, given.ScheduleExpressionTimezone);
  return { ...given, Name: name, at, createdAt: now, updatedAt: now, done: false };
}

function describe(schedule: Schedule): object {
  const { at: _, done: __, createdAt, updatedAt, ClientToken: ___, failed: ____, ...given } = schedule;
  const dates = { CreationDate: createdAt / 1000, LastModificationDate: updatedAt / 1000 };
  return { ...given, ...dates, Arn: scheduleArn(schedule) };
}

function summary(schedule: Schedule): object {
  const { GroupName, Name, State, Target, createdAt, updatedAt } = schedule;
  const dates = { CreationDate: createdAt / 1000, LastModificationDate: updatedAt / 1000 };
  return { Arn: scheduleArn(schedule), GroupName, Name, State, Target: { Arn: Target.Arn }, ...dates };
}

function describeGroup([name, { createdAt }]: [string, { createdAt: number }]): object {
  const dates = { CreationDate: createdAt / 1000, LastModificationDate: createdAt / 1000 };
  return { Arn: groupArn(name), Name: name, State: 'ACTIVE', ...dates };
}

/** The token of the next page is the place where it begins. */
function paged<T>(items: T[], query: URLSearchParams): { items: T[]; next?: string } {
  const from = Number(query.get('NextToken') ?? 0);
  const most = Number(query.get('MaxResults') ?? 100);
  if (!(most >= 1 && most <= 100)) throw invalid(`MaxResults is 1 to 100, not ${most}.`);
  const to = from + most;
  return { items: items.slice(from, to), ...(to < items.length ? { next: String(to) } : {}) };
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`${issue?.path.join('.')}: ${issue?.message}`);
}
