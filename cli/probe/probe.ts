import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { withoutSlash } from '../../functions/shared/runtime/without-slash.ts';
import { storedLineToken } from '../target/line.ts';
import { operatorName } from '../target/operator.ts';
import { ROOT } from '../target/project.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askConsent, askText } from '../terminal/ask.ts';
import { WrongInput } from '../terminal/errors.ts';
import { masked } from '../terminal/mask.ts';
import { examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { progress, show, style } from '../terminal/output.ts';
import { phoneOf } from '../trigger/occurrence.ts';
import { webhookToken } from '../webhook/registration.ts';
import { askAgain } from './again.ts';
import { assertMayProbe } from './allowed.ts';
import { callsOf } from './calls.ts';
import { isLost, isTaken, sendNamed } from './evidence.ts';
import { marker } from './marks.ts';
import { idIn } from './of-sends.ts';
import { restore } from './open-probe.ts';
import { personHere } from './person.ts';
import { keyOf, plannedSends } from './plan.ts';
import { Redactor } from './redact.ts';
import { type AskAgain, assertWritable, isBad, type Report, reportOf, type Written, writeReport } from './report.ts';
import { type Found, probeLine, type Tunnel } from './steps.ts';
import { type Verdict, verdictsOn, wordsOfVerdict } from './verdicts.ts';

interface Options extends TargetOptions {
  readonly to?: string;
  readonly yes?: true;
  readonly by?: string;
  readonly media?: string;
  readonly webhook?: string;
  readonly port?: number;
  readonly skipInbound?: true;
  readonly skipRetries?: true;
  readonly unlinked?: true;
  readonly rotated?: true;
  readonly again?: string;
  readonly restore?: true;
  readonly wait: number;
  readonly retryWait: number;
  readonly pause: number;
  readonly out: string;
}

/** Everything that is somebody's, or opens something, as far as it is known. */
const redactorOf = async (target: Target, to: string): Promise<Redactor> => {
  const { contacts, delivery } = target.client;
  const redactor = new Redactor();
  redactor.know(to, await storedLineToken(target), await webhookToken(target).catch(() => undefined));
  redactor.know(...(delivery === 'live' ? [] : delivery.only));
  for (const one of [contacts.operator, contacts.client]) redactor.know(one?.name, one?.email);
  redactor.know(contacts.operator.phone);
  return redactor;
};

const WORD = 'abcdefghijkmnopqrstuvwxyz';
const newRun = (): string => Array.from({ length: 6 }, () => WORD[randomInt(WORD.length)]).join('');

/** The number is typed twice by whoever sits there: it is the one thing that a slip must not change. */
const askNumber = async (to: string, question: string, yes: boolean | undefined): Promise<void> => {
  if (yes) return;
  if (!process.stdin.isTTY) return askConsent(question, yes);
  const typed = await askText(`${question} Type its number once more`, '--to', '');
  if (phoneOf(typed.replace(/[\s().-]/g, ''), 'It') !== to)
    throw new WrongInput('This is another number. Nothing was sent.');
};

const BESIDE =
  'Nothing of it is in the ledger. To the client’s own webhook its messages look like what the team wrote to this number: the CRM shows them, and what waits for an answer to this number ends';

const consentTo = ({ client }: Target, to: string, n: number, hasWebhook: boolean): string => {
  const webhook = hasWebhook
    ? " A webhook is registered beside the client's own and switched off in the end; where it takes its place, the client hears of everything by this command until the own one is registered again."
    : '';
  return `At most ${n} real messages leave on the line ${client.lineId} to ${masked(to)}, each says that it is a test. ${BESIDE}.${webhook} Begin?`;
};

const webhookOf = ({ webhook, port }: Options): Tunnel | undefined => {
  if (webhook === undefined && port === undefined) return undefined;
  if (webhook === undefined || port === undefined) {
    throw new WrongInput(
      '--webhook and --port belong together: the address of your tunnel, and the port at which it ends.',
    );
  }
  return { url: webhook, port };
};

/** Ctrl-C ends it in good order; a second one ends it at once, and `--restore` undoes the rest. */
const onStop = (): { readonly signal: AbortSignal; readonly done: () => void } => {
  const stop = new AbortController();
  const end = (): void => {
    if (stop.signal.aborted) process.exit(1);
    progress('Stopping: the line is left as it was. Once more ends this at once; then "ezw probe <client> --restore".');
    stop.abort();
  };
  // A terminal that is closed, or whoever read the output and went, asks for no haste.
  const gone = (): void => stop.abort();
  process.on('SIGHUP', gone);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', gone);
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  const done = (): void => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    process.off('SIGHUP', gone);
  };
  return { signal: stop.signal, done };
};

/** What a day later is asked. */
const againOf = async (target: Target, to: string, run: string, found: Found): Promise<AskAgain | undefined> => {
  const first = sendNamed(found.evidence, 'text');
  if (!first || !(isTaken(first) || isLost(first))) return undefined;
  const mark = await marker(target);
  const id = idIn(first)?.id;
  return {
    key: keyOf(run, 'text'),
    marker: first.marker,
    at: new Date(first.askedAt).toISOString(),
    to: mark(to),
    ...(id !== undefined && { id: mark(id) }),
  };
};

const STYLES = { seen: 'green', contradicted: 'yellow', assumed: 'dim' } as const;

const line = (verdict: Verdict): string =>
  style(verdict.state === 'contradicted' && !verdict.isRight ? 'red' : STYLES[verdict.state], wordsOfVerdict(verdict));

const written = (folder: string, report: Report): Written | undefined => {
  try {
    return writeReport(folder, report);
  } catch {
    return undefined;
  }
};

const tellReport = (options: Options, report: Report): void => {
  const files = written(resolve(ROOT, options.out), report);
  const why = 'The report could not be written: it is printed.';
  const end = files ? `Written: ${files.md} and ${files.json}` : why;
  const text = [...report.verdicts.map(line), '', report.left, end];
  // Whatever cannot be written is not lost.
  if (!files) process.stderr.write(`${why}\n`);
  if (!files && !options.json) text.push('', JSON.stringify(report));
  show(options.json, { ...report, files }, text.join('\n'));
  if (isBad(report) || !files) process.exitCode = 1;
};

const probe = async (clientName: string, options: Options): Promise<void> => {
  const target = await openTarget(clientName, options);
  const tell = (said: string): void => (options.json ? progress(said) : console.log(said));
  if (options.restore) {
    const left = await restore(target, callsOf(target, { pauseMs: 0, signal: new AbortController().signal }));
    return show(options.json, { client: clientName, left }, left);
  }
  if (options.to === undefined) throw new WrongInput('--to is missing: the number of your own phone.');
  const to = phoneOf(options.to, '--to');
  const webhook = webhookOf(options);
  assertWritable(resolve(ROOT, options.out));
  const { signal: stop, done } = onStop();
  try {
    const person = personHere(stop);
    const { unlinked = false, rotated = false } = options;
    if ((unlinked || rotated) && !person) {
      throw new WrongInput('--unlinked and --rotated ask for something to be done: run this at a terminal.');
    }
    const [run, at, by] = [newRun(), new Date().toISOString(), operatorName(options.by)];
    const shared = { to, run, by, pauseMs: options.pause * 1000, waitMs: options.wait * 1000, stop, tell, person };
    if (options.again !== undefined) {
      if (webhook) throw new WrongInput('--again asks one key once more, and listens to nothing: leave --webhook out.');
      const ask = (question: string) => askNumber(to, question, options.yes);
      return tellReport(options, await askAgain(target, options.again, { ...shared, ask }));
    }
    await assertMayProbe(target, to);
    const redactor = await redactorOf(target, to);
    const retries = options.skipRetries !== true;
    const planned = plannedSends({ media: options.media, unlinked, retries, hasWebhooks: webhook !== undefined });
    await askNumber(to, consentTo(target, to, planned.length, webhook !== undefined), options.yes);
    const found = await probeLine(
      target,
      {
        ...shared,
        unlinked,
        rotated,
        webhook,
        media: options.media,
        asksInbound: options.skipInbound !== true,
        retries,
        retryWaitMs: options.retryWait * 1000,
      },
      redactor,
    );
    const about = { client: clientName, where: target.where, at, run, again: await againOf(target, to, run, found) };
    tellReport(options, reportOf(about, found, verdictsOn(found.evidence), redactor));
    if (!found.isRestored || found.isStopped) process.exitCode = 1;
  } finally {
    done();
  }
};

const webhookAddress = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url?.protocol === 'http:' && /^(127\.\d+\.\d+\.\d+|localhost)$/.test(url.hostname);
  if (url && (url.protocol === 'https:' || isLoopback) && url.search === '') return withoutSlash(url.href);
  throw new InvalidArgumentError('Write the https address of your tunnel.');
};

const picture = (text: string): string => {
  if (URL.canParse(text) && new URL(text).protocol === 'https:') return text;
  throw new InvalidArgumentError('Write an https address of a small picture.');
};

export const probeCommand = (): Command =>
  withTarget(new Command('probe').argument('<client>'))
    .description(
      'ask a live line what EZWhatsApp does where no page of it says so; exit code 1 if something rests on what is not so',
    )
    .option('--to <phone>', 'your own phone: every message goes there')
    .option('--yes', 'begin without asking, and without typing the number again')
    .option('--media <url>', 'an https address of a small picture, to be sent', picture)
    .option('--webhook <url>', 'where EZWhatsApp reaches this machine: the https address of a tunnel', webhookAddress)
    .option('--port <number>', 'the port of this machine at which the tunnel ends', wholeNumber(1))
    .option('--skip-inbound', 'do not ask for messages from the phone')
    .option('--skip-retries', 'do not refuse a webhook, which may take minutes to come again')
    .option('--unlinked', 'ask you to unlink the phone, and to link it again')
    .option('--rotated', 'ask you to rotate the token of the line')
    .option('--again <report.json>', 'a day later: ask the first key of that probe once more')
    .option('--restore', 'leave the webhooks of the line as a probe that was killed found them')
    .option('--wait <seconds>', 'for how long what may come is waited for', wholeNumber(1), 30)
    .option('--retry-wait <seconds>', 'the same of what was refused and may come again', wholeNumber(1), 300)
    .option('--pause <seconds>', 'at least so long between two messages', wholeNumber(0), 3)
    .option('--by <name>', 'who does it (else the login of this machine)')
    .option('--out <folder>', 'where the report goes', 'probes')
    .addHelpText(
      'after',
      examples(
        'probe bakery --to +972501234567',
        'probe bakery --to +972501234567 --webhook https://tunnel.example --port 8080',
        'probe bakery --to +972501234567 --again probes/bakery-2026-11-29T10-00-00-000Z.json',
        'probe bakery --restore',
      ),
    )
    .action(probe);
