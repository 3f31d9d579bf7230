import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFields } from '../../functions/shared/ezwhatsapp/fields.ts';
import { cut } from '../../functions/shared/runtime/characters.ts';
import type { HttpResult } from '../../functions/shared/runtime/http.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { WrongInput } from '../terminal/errors.ts';
import { time } from '../terminal/output.ts';
import type { Attempt, SendFact, SendName } from './evidence.ts';
import { healthWords } from './health-words.ts';
import type { Inbound } from './inbound.ts';
import type { Redactor } from './redact.ts';
import { shapeOf } from './shape.ts';
import { type Found, SAYS } from './steps.ts';
import { isWrong, type Verdict, wordsOfVerdict } from './verdicts.ts';
import { isPlainName } from './vocabulary.ts';

/** An answer without what stood in it. */
interface ToldAnswer {
  readonly status: number | string;
  readonly headers: readonly string[];
  readonly shape: readonly string[];
  readonly error?: { readonly code?: string; readonly words?: string };
}

interface ToldSend extends ToldAnswer {
  readonly name: SendName;
  readonly says: string;
  /** Milliseconds from the question to the answer. */
  readonly ms: number;
}

/** What is needed to ask the first key again: nothing of it tells who was written to. */
export interface AskAgain {
  readonly key: string;
  readonly marker: string;
  /** ISO 8601, when it was sent first. */
  readonly at: string;
  /** Tells with this stack's salt whether it is the same number, and the same id. */
  readonly to: string;
  readonly id?: string;
}

export interface Report {
  readonly report: 'ezwhatsapp-probe';
  readonly client: string;
  readonly where: string;
  /** ISO 8601 */
  readonly at: string;
  readonly run: string;
  readonly isStopped: boolean;
  readonly left: string;
  readonly verdicts: readonly Verdict[];
  readonly problems: Found['problems'];
  readonly health?: ToldAnswer & { readonly says: string };
  readonly sends: readonly ToldSend[];
  readonly webhooks?: {
    readonly registered?: ToldAnswer;
    readonly stands: string;
    readonly deliveries: number;
    readonly headers: readonly string[];
    readonly attempts: readonly {
      readonly afterMs: number;
      readonly id: 'first' | 'another';
      readonly answered: string;
    }[];
  };
  readonly inbound: readonly Inbound[];
  readonly again?: AskAgain;
}

/** Nothing behind it is told. */
const MOST_OF_A_PAGE = 2000;

const errorIn = (body: string, redactor: Redactor): { readonly code?: string; readonly words?: string } => {
  const json = jsonIn(body);
  const holder = isFields(json) ? json.error : undefined;
  const fields = isFields(holder) ? holder : isFields(json) ? json : {};
  const code = typeof fields.code === 'number' || typeof fields.code === 'string' ? String(fields.code) : '';
  const text = [fields.message, typeof holder === 'string' ? holder : undefined, fields.detail, fields.title].find(
    (one) => typeof one === 'string',
  );
  const page = isFields(json) ? '' : cut(body, MOST_OF_A_PAGE).replace(/<[^>]*>/g, ' ');
  const words = redactor.words(String(text ?? page).trim());
  return { ...(code !== '' && isPlainName(code) && { code: redactor.heard(code) }), ...(words !== '' && { words }) };
};

const plainHeaders = (names: readonly string[], redactor: Redactor): readonly string[] =>
  names
    .filter(isPlainName)
    .map((name) => redactor.heard(name))
    .sort();

const toldShape = (value: unknown, redactor: Redactor): readonly string[] =>
  shapeOf(value).map((one) => redactor.heard(one));

const toldAnswer = (result: HttpResult, redactor: Redactor): ToldAnswer => {
  if (result.kind !== 'answer') return { status: result.code, headers: [], shape: [] };
  const { status, headers, body } = result;
  const json = jsonIn(body);
  return {
    status,
    headers: plainHeaders(Object.keys(headers), redactor),
    shape: json === undefined ? [`${body.length} characters, no JSON`] : toldShape(json, redactor),
    ...(status >= 400 && { error: errorIn(body, redactor) }),
  };
};

const toldSend = ({ name, askedAt, answeredAt, result }: SendFact, redactor: Redactor): ToldSend => ({
  name,
  says: SAYS[name],
  ms: answeredAt - askedAt,
  ...toldAnswer(result, redactor),
});

const toldAttempts = (attempts: readonly Attempt[]) =>
  attempts.map(({ at, deliveryId, answered }) => ({
    afterMs: at - (attempts[0]?.at ?? at),
    id: deliveryId === attempts[0]?.deliveryId ? ('first' as const) : ('another' as const),
    answered: String(answered),
  }));

/** What a report is about, beside what was found. */
export type About = Pick<Report, 'client' | 'where' | 'at' | 'run'> & { readonly again?: AskAgain | undefined };

/** What was found, without anything of anybody's in it. */
export const reportOf = (
  { again, ...about }: About,
  found: Found,
  verdicts: readonly Verdict[],
  redactor: Redactor,
): Report => {
  const { webhooks } = found.evidence;
  return {
    report: 'ezwhatsapp-probe',
    ...about,
    isStopped: found.isStopped,
    left: found.left,
    verdicts,
    problems: found.problems,
    ...(found.health && {
      health: { ...toldAnswer(found.health, redactor), says: redactor.heard(healthWords(found.health)) },
    }),
    sends: found.evidence.sends.map((send) => toldSend(send, redactor)),
    ...(webhooks && {
      webhooks: {
        ...(found.registered && { registered: toldAnswer(found.registered, redactor) }),
        stands: webhooks.stands,
        deliveries: webhooks.came.length,
        headers: plainHeaders([...new Set(webhooks.came.flatMap(({ headers }) => Object.keys(headers)))], redactor),
        attempts: toldAttempts(webhooks.attempts),
      },
    }),
    inbound: found.inbound,
    ...(again && { again }),
  };
};

/** Whether something rests on what is not so, or nothing could be asked at all. */
export const isBad = ({ verdicts, sends }: Pick<Report, 'verdicts' | 'sends'>): boolean =>
  verdicts.some(isWrong) || !sends.some(({ status }) => typeof status === 'number' && status < 300);

const MARKS = { contradicted: '✗', seen: '✓', assumed: '–' } as const;

const bullet = (verdict: Verdict): string => {
  const { state, about, rests, todo } = verdict;
  const on = rests.map(([path, what]) => `\`${path}\`: ${what}`).join('; ');
  return `- ${MARKS[state]} **${about}.** ${wordsOfVerdict(verdict)}\n  - rests on it: ${on}\n  - to do: ${todo}`;
};

const part = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n## ${title}\n\n${lines.join('\n')}\n`;

const shapes = (lines: readonly string[]): string => lines.map((one) => `\`${one}\``).join(', ');

const sendLine = ({ says, status, ms, shape, error }: ToldSend): string => {
  const words = error ? `; code ${error.code ?? 'none'}, words: ${error.words ?? 'none'}` : '';
  return `- ${says}: ${status}, after ${ms} ms; ${shapes(shape)}${words}`;
};

const inboundLines = ({ asked, state, deliveries }: Inbound): readonly string[] => [
  `- ${asked}: ${state}`,
  ...deliveries.map(({ event, shape, read }) => `  - ${event}: ${shapes(shape)}; read as ${JSON.stringify(read)}`),
];

const webhookLines = ({ webhooks }: Report): readonly string[] => {
  if (!webhooks) return [];
  const { registered, stands, deliveries, headers, attempts } = webhooks;
  return [
    `- registering: ${registered ? `${registered.status}; ${shapes(registered.shape)}` : 'not answered'}`,
    `- beside the client's own: ${stands}; ${deliveries} deliveries, with the headers ${headers.join(', ')}`,
    ...attempts.map(({ afterMs, id, answered }) => `- after ${afterMs} ms under the ${id} id, answered ${answered}`),
  ];
};

/** For people. */
const markdown = (report: Report): string => {
  const { verdicts, client, at, run, where, left, problems, again } = report;
  const of = (state: Verdict['state']) => verdicts.filter((one) => one.state === state).map(bullet);
  const open = verdicts.filter(({ state }) => state !== 'seen').map(({ about, found }) => `- ${about}? (${found})`);
  return [
    `# What EZWhatsApp does: a probe of ${client}\n\n${at}, run ${run}, stack ${where}${report.isStopped ? ', stopped before its end' : ''}. ${left}\n`,
    part('Contradicted', of('contradicted')),
    part('As assumed', of('seen')),
    part('Assumed, not asked', of('assumed')),
    part(
      'What failed',
      problems.map(({ step, why }) => `- ${step}: ${why}`),
    ),
    part(
      'Health',
      report.health ? [`- ${report.health.status}: ${report.health.says}; ${shapes(report.health.shape)}`] : [],
    ),
    part('Sends', report.sends.map(sendLine)),
    part('Webhooks', webhookLines(report)),
    part('What a phone sends', report.inbound.flatMap(inboundLines)),
    part('To ask EZWhatsApp', open),
    again
      ? `\nAfter ${time(Date.parse(again.at) + DAY_MS)}: \`--again\` with the JSON file asks the first key once more.\n`
      : '',
  ].join('');
};

export const DAY_MS = 24 * 3600_000;

/** Node's own does not come back where a file system takes no folder. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
};

/** @throws WrongInput where no report can be written */
export const assertWritable = (folder: string): void => {
  try {
    makeFolder(folder);
    if (!statSync(folder).isDirectory()) throw new Error('a file');
    accessSync(folder, constants.W_OK);
  } catch {
    throw new WrongInput('--out is no folder in which a report can be written. Nothing was sent.');
  }
};

export interface Written {
  readonly md: string;
  readonly json: string;
}

/** `<folder>/<client>-<time>`, as a page and as JSON. */
export const writeReport = (folder: string, report: Report): Written => {
  const texts = { md: markdown(report), json: `${JSON.stringify(report, null, 2)}\n` };
  const base = `${folder}/${report.client}-${report.at.replace(/[:.]/g, '-')}`;
  const files = { md: `${base}.md`, json: `${base}.json` };
  writeFileSync(files.md, texts.md);
  writeFileSync(files.json, texts.json);
  return files;
};

/** @throws WrongInput when the file is none of this client's, or cannot be asked again */
export const readReport = (file: string, client: string): Report & { readonly again: AskAgain } => {
  let report: Partial<Report> = {};
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Partial<Report>;
  } catch {
    throw new WrongInput(`${file} cannot be read as JSON.`);
  }
  if (report.report !== 'ezwhatsapp-probe') throw new WrongInput(`${file} is no report of a probe.`);
  if (report.client !== client) throw new WrongInput(`${file} is a report of "${report.client}", not of "${client}".`);
  if (!report.again) throw new WrongInput(`${file} holds no key to ask again: its first message was not accepted.`);
  return report as Report & { readonly again: AskAgain };
};
