import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { bounded } from '../../functions/shared/runtime/aws.ts';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { PATIENCE_MS, PATIENT } from '../target/patience.ts';
import { resourcesOf } from '../target/stack.ts';
import { type Deployed, isDeployed, type Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { isForbidden, isOfAws, lackedBy } from '../terminal/errors.ts';

/** What a function wrote. */
export interface Line {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What lines are asked for by: those that bear one of them, by the name of what it is. */
export type Wanted = Readonly<Record<keyof typeof FIELDS, readonly string[]>>;

/** What is asked for, and the fields in which it may stand. */
const FIELDS = {
  trace: ['trace'],
  key: ['key', 'after'],
  id: ['id'],
  number: ['number'],
  delivery: ['delivery'],
  request: ['request'],
  messageId: ['messageId'],
} as const;

type Name = keyof typeof FIELDS;

const NAMES = Object.keys(FIELDS) as Name[];

/** One after the other, by name and value. */
const pairsOf = (wanted: Wanted): readonly (readonly [Name, string])[] =>
  NAMES.flatMap((name) => wanted[name].map((value) => [name, value] as const));

const wantedOf = (pairs: readonly (readonly [Name, string])[]): Wanted =>
  Object.fromEntries(
    NAMES.map((name) => [name, pairs.flatMap(([one, value]) => (one === name ? [value] : []))]),
  ) as unknown as Wanted;

/** What of it was not asked for before. */
export const without = (wanted: Wanted, before: Wanted): Wanted =>
  wantedOf(pairsOf(wanted).filter(([name, value]) => !before[name].includes(value)));

export const isNone = (wanted: Wanted): boolean => pairsOf(wanted).length === 0;

export const NOTHING: Wanted = wantedOf([]);

/** More parts than anybody pays for, each of which reads all of the logs; and than anybody waits for. */
const MOST_PARTS = { aws: 8, local: 50 } as const;

/** In parts of so many characters as they are asked for. */
export const partsOf = (wanted: Wanted, most: number, lengthOf: (value: string) => number): readonly Wanted[] => {
  const parts: (readonly [Name, string])[][] = [];
  let length = 0;
  for (const pair of pairsOf(wanted)) {
    const [name, value] = pair;
    const own = FIELDS[name].length * (lengthOf(value) + name.length);
    if (parts.length === 0 || length + own > most) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(pair);
    length += own;
  }
  return parts.map(wantedOf);
};

export interface Read {
  readonly lines: readonly Line[];
  /** Why some or all are missing, in words. */
  readonly lacks?: string;
}

/** How a query is waited for, and whoever asks is told of it. */
export interface Ways {
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now: () => number;
  readonly say: (text: string) => void;
}

const LIMIT = 1000;
/** A query over a month of a client's logs takes some seconds: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html */
const WAIT_MS = 45_000;
const LOOK_MS = 500;

/** Of 10,000 that a query may have: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const MOST_OF_QUERY = 8_000;
/** A server of Node takes 16 kB of address and headers. */
const MOST_OF_ADDRESS = 6_000;

const quoted = (values: readonly string[]): string => `[${values.map((one) => JSON.stringify(one)).join(', ')}]`;

/** In the language of CloudWatch Logs Insights: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html */
const queryOf = (wanted: Wanted): string => {
  const any = NAMES.flatMap((name) =>
    wanted[name].length > 0 ? FIELDS[name].map((field) => `${field} in ${quoted(wanted[name])}`) : [],
  );
  return `fields @timestamp, @message | filter ${any.join(' or ')} | sort @timestamp asc | limit ${LIMIT}`;
};

/** Insights gives times in UTC, as `2026-11-28 16:02:11.123`. */
const lineOf = (row: readonly ResultField[]): Line => {
  const { '@timestamp': at = '', '@message': message = '' } = Object.fromEntries(
    row.map(({ field, value }) => [field, value]),
  );
  return { at: Date.parse(`${at.replace(' ', 'T')}Z`), fields: fieldsIn(message) };
};

const logsOf = ({ aws }: Client) =>
  bounded(new CloudWatchLogsClient({ ...PATIENT, ...(aws && { region: aws.region }) }), PATIENCE_MS);

/** The groups of the stack, once for all parts. */
const groupsOf = async (target: Deployed): Promise<readonly string[]> => {
  const resources = await resourcesOf(target.cloudFormation, stackNameOf(target.client));
  return resources.flatMap(({ ResourceType, PhysicalResourceId: id }) =>
    ResourceType === 'AWS::Logs::LogGroup' && id?.startsWith('Ezw-') ? [id] : [],
  );
};

const deployedLines = async (
  target: Deployed,
  groups: string[],
  { wanted, since }: Question,
  { sleep, now, say }: Ways,
): Promise<Read> => {
  const query = queryOf(wanted);
  say(`CloudWatch Logs Insights, over ${groups.length} log groups of ${stackNameOf(target.client)}: ${query}`);
  const logs = logsOf(target.client);
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  const begun = now();
  const { queryId } = await logs.send(
    new StartQueryCommand({
      logGroupNames: groups,
      startTime: seconds(since),
      endTime: seconds(begun) + 1,
      queryString: query,
    }),
  );
  for (;;) {
    const { status, results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }));
    const lines = results.map(lineOf);
    if (status === 'Complete')
      return { lines, ...(lines.length >= LIMIT && { lacks: `only the first ${LIMIT} lines were read` }) };
    if (status !== 'Running' && status !== 'Scheduled')
      return { lines, lacks: `the query ended as ${status ?? 'nothing'}` };
    if (now() - begun > WAIT_MS)
      return { lines, lacks: `the query was not done within ${WAIT_MS / 1000} s: run it in the console` };
    await sleep(LOOK_MS);
  }
};

const localLines = async ({ url }: Target, { wanted }: Question): Promise<Read> => {
  const asked = new URLSearchParams();
  for (const [name, value] of pairsOf(wanted)) asked.append(name, value);
  const { ok, status, text } = await call(`${url}/_local/logs?${asked}`);
  if (status === 404)
    return { lines: [], lacks: `${url} does not tell its logs: it is of an older version. Start it again` };
  if (!ok) return { lines: [], lacks: `${url} answered ${status}` };
  return { lines: (JSON.parse(text) as { readonly lines: readonly Line[] }).lines };
};

/** @param since epoch milliseconds; nothing of it was written before */
interface Question {
  readonly wanted: Wanted;
  readonly since: number;
}

const bears =
  (wanted: Wanted) =>
  ({ fields }: Line): boolean =>
    NAMES.some((name) => FIELDS[name].some((field) => wanted[name].includes(String(fields[field] ?? ''))));

const inParts = async (target: Target, { wanted, since }: Question, ways: Ways): Promise<Read> => {
  const deployed = isDeployed(target) ? target : undefined;
  const all = deployed
    ? partsOf(wanted, MOST_OF_QUERY, (value) => JSON.stringify(value).length + 2)
    : partsOf(wanted, MOST_OF_ADDRESS, (value) => encodeURIComponent(value).length + 2);
  const parts = all.slice(0, MOST_PARTS[target.where]);
  const groups = deployed ? [...(await groupsOf(deployed))] : [];
  if (deployed && groups.length === 0) return { lines: [], lacks: 'the stack has no log groups' };
  const lines: Line[] = [];
  let lacks =
    all.length > parts.length ? `of what it leads to only the first ${parts.length} parts were asked for` : undefined;
  for (const part of parts) {
    const question = { wanted: part, since };
    const read = await (deployed ? deployedLines(deployed, groups, question, ways) : localLines(target, question));
    // A stack of an older version does not know all names, and tells all it has.
    lines.push(...read.lines.filter(bears(part)));
    lacks ??= read.lacks;
  }
  return { lines, ...(lacks !== undefined && { lacks }) };
};

/** Whatever the logs do not tell, the rest is told. @throws what says that AWS does not know who asks */
export const linesOf = async (target: Target, question: Question, ways: Ways): Promise<Read> => {
  try {
    return await inParts(target, question, ways);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isForbidden(error)) return { lines: [], lacks: `you may not read them: your role lacks ${lackedBy(error)}` };
    if (isOfAws(error)) return { lines: [], lacks: `CloudWatch Logs did not answer (${error.name})` };
    throw error;
  }
};
