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
import { Failed, isForbidden, isOfAws, lackedBy } from '../terminal/errors.ts';

/** What a function wrote. */
export interface Line {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What lines are asked for by: those that bear one of them. */
export interface Wanted {
  readonly traces: readonly string[];
  readonly keys: readonly string[];
  readonly deliveries: readonly string[];
  /** Epoch milliseconds; nothing of it was written before. */
  readonly since: number;
}

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

const quoted = (values: readonly string[]): string => `[${values.map((one) => JSON.stringify(one)).join(', ')}]`;

/** In the language of CloudWatch Logs Insights: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html */
const queryOf = ({ traces, keys, deliveries }: Wanted): string => {
  const fields = { trace: traces, key: keys, after: keys, delivery: deliveries };
  const any = Object.entries(fields).flatMap(([name, values]) =>
    values.length > 0 ? `${name} in ${quoted(values)}` : [],
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

const deployedLines = async (target: Deployed, wanted: Wanted, { sleep, now, say }: Ways): Promise<Read> => {
  const resources = await resourcesOf(target.cloudFormation, stackNameOf(target.client));
  const groups = resources.flatMap(({ ResourceType, PhysicalResourceId: id }) =>
    ResourceType === 'AWS::Logs::LogGroup' && id?.startsWith('Ezw-') ? [id] : [],
  );
  if (groups.length === 0) return { lines: [], lacks: 'the stack has no log groups' };
  const query = queryOf(wanted);
  say(`CloudWatch Logs Insights, over ${groups.length} log groups of ${stackNameOf(target.client)}: ${query}`);
  const logs = logsOf(target.client);
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  const begun = now();
  const { queryId } = await logs.send(
    new StartQueryCommand({
      logGroupNames: groups,
      startTime: seconds(wanted.since),
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

const localLines = async ({ url }: Target, { traces, keys, deliveries }: Wanted): Promise<Read> => {
  const asked = new URLSearchParams();
  for (const one of traces) asked.append('trace', one);
  for (const one of keys) asked.append('key', one);
  for (const one of deliveries) asked.append('delivery', one);
  const { ok, text } = await call(`${url}/_local/logs?${asked}`);
  if (!ok) throw new Failed(`${url} does not tell its logs: it is of an older version. Start it again.`);
  return { lines: (JSON.parse(text) as { readonly lines: readonly Line[] }).lines };
};

/** Whatever the logs do not tell, the rest is told. @throws what says that AWS does not know who asks */
export const linesOf = async (target: Target, wanted: Wanted, ways: Ways): Promise<Read> => {
  if (!isDeployed(target)) return localLines(target, wanted);
  try {
    return await deployedLines(target, wanted, ways);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isForbidden(error)) return { lines: [], lacks: `you may not read them: your role lacks ${lackedBy(error)}` };
    if (isOfAws(error)) return { lines: [], lacks: `CloudWatch Logs did not answer (${error.name})` };
    throw error;
  }
};
