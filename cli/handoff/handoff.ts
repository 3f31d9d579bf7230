import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { isOneOf } from '../../functions/shared/people/identity.ts';
import { protectAfterwards } from '../deploy/protection.ts';
import { operatorName } from '../target/operator.ts';
import { ROOT, readClient } from '../target/project.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { WrongInput } from '../terminal/errors.ts';
import { masked } from '../terminal/mask.ts';
import { examples, type TargetOptions, withJson, withTarget } from '../terminal/options.ts';
import { progress, show, style } from '../terminal/output.ts';
import { phoneOf } from '../trigger/occurrence.ts';
import { accept } from './acceptance.ts';
import { newest, newestReport, readReport, writeReport } from './files.ts';
import { localStackFor } from './local-stack.ts';
import { counts, hashOf, type Report, type Row } from './report.ts';

interface HandoffOptions extends TargetOptions {
  readonly to?: string;
  readonly yes?: true;
  readonly quick?: true;
  readonly locale?: string;
  readonly out: string;
  readonly secrets: string;
}

/** The sandbox has no phones; a number that belongs to nobody will do, another one each run: a person may be written to once. */
const nobody = (): string => `+97250123${String(randomInt(10_000)).padStart(4, '0')}`;

const recipient = async (target: Target, { to, yes }: HandoffOptions): Promise<string | undefined> => {
  const { delivery } = target.client;
  if (to === undefined && target.sandboxUrl === undefined) return undefined;
  if (to === undefined) return delivery === 'live' ? nobody() : delivery.only[0];
  const number = phoneOf(to, '--to');
  if (delivery !== 'live' && !isOneOf(number, delivery.only)) {
    throw new WrongInput(
      '--to is none of the phones that "delivery" in the client file lets be written to: add it there and deploy, or take one of those.',
    );
  }
  if (target.sandboxUrl === undefined) {
    await askConsent(`Send test messages on the line ${target.client.lineId} to ${masked(number)}?`, yes);
  }
  return number;
};

const STYLES = { proven: 'green', failed: 'red', waits: 'yellow' } as const;
const WORDS = { proven: 'proven', failed: 'failed', waits: 'waits for a person' } as const;

const describe = ({ area, state, because }: Row): string =>
  `${area.padEnd(22)}${style(STYLES[state], WORDS[state])}${state === 'proven' ? '' : `  (${because.say}${because.with ? `: ${Object.values(because.with).join(' ')}` : ''})`}`;

/** Earlier signatures stay in sight: they count again only if the evidence is the very same. */
const earlierSignOffs = (folder: string, client: string): Report['signOffs'] => {
  const file = newest(folder, client);
  return file === undefined ? [] : readReport(file).signOffs;
};

const handoff = async (clientName: string, options: HandoffOptions): Promise<void> => {
  const client = await readClient(clientName);
  const folder = resolve(options.out);
  const stack = await localStackFor(client.name, options.local, options.secrets);
  try {
    const target = await openTarget(clientName, stack ? { ...options, local: stack.url } : options);
    const to = await recipient(target, options);
    const quick = options.quick === true;
    const evidence = await accept(target, { to, quick, onRow: (row) => progress(describe(row)) });
    const report: Report = {
      report: 'ezwhatsapp-handoff',
      locale: options.locale ?? client.locale,
      evidence,
      hash: hashOf(evidence),
      signOffs: earlierSignOffs(folder, client.name),
    };
    const files = writeReport(folder, report);
    const failed = evidence.rows.some(({ state }) => state === 'failed');
    show(
      options.json,
      { ...report, files },
      `${evidence.rows.map(describe).join('\n')}\n\n${files.html}\n${files.json}`,
    );
    if (failed) process.exitCode = 1;
    else await protectAfterwards(target);
  } finally {
    await stack?.stop();
  }
};

interface SignOptions {
  readonly by?: string;
  readonly note: string;
  readonly out: string;
  readonly json?: true;
}

const sign = (clientName: string, options: SignOptions): void => {
  const folder = resolve(options.out);
  const report = readReport(newestReport(folder, clientName));
  if (report.evidence.rows.some(({ state }) => state === 'failed')) {
    progress('Note: this report has failed rows.');
  }
  const signOff = {
    by: operatorName(options.by),
    note: options.note,
    at: new Date().toISOString(),
    evidence: report.hash,
  };
  const files = writeReport(folder, { ...report, signOffs: [...report.signOffs, signOff] });
  show(
    options.json,
    { ...signOff, files },
    `Signed by ${signOff.by} for the evidence ${report.hash.slice(0, 12)}….\n${files.html}`,
  );
};

const check = (clientName: string, options: Pick<SignOptions, 'out' | 'json'>): void => {
  const file = newestReport(resolve(options.out), clientName);
  const report = readReport(file);
  const good = report.signOffs.filter((one) => counts(one, report));
  const [last] = good.slice(-1);
  const text =
    last === undefined
      ? `${file}: ${report.signOffs.length > 0 ? 'the evidence is not what was signed; no signature counts' : 'not signed'}.`
      : `${file}: signed by ${last.by} on ${last.at}.`;
  show(options.json, { file, evidence: report.hash, signed: good.length > 0, signOffs: good }, text);
  if (good.length === 0) process.exitCode = 1;
};

const withOut = (command: Command): Command =>
  command.option('--out <dir>', 'where the reports are', `${ROOT}/handoff`);

export const handoffCommand = (): Command => {
  const command = withOut(withTarget(new Command('handoff').argument('<client>')))
    .description('run the acceptance suite and write a report that a client can sign; exit code 1 if a row failed')
    .option('--to <phone>', 'your own number for test messages on a live line; asked before anything is sent')
    .option('--yes', 'answer that question beforehand')
    .option('--quick', 'leave out the test that kills the sender (saves a minute)')
    .option('--locale <code>', 'language of the report (else the client’s): he or en')
    .option('--secrets <file>', 'values for an embedded stack', `${ROOT}/local/demo-secrets.json`)
    .addHelpText(
      'after',
      `\nWith --local and no stack up, one is started for the run. Without --to nothing is sent on a live line.\n${examples(
        'handoff demo --local',
        'handoff bakery --to +972501234567',
        'handoff sign bakery --by "Dana Levi" --note "saw the replies, took one over"',
      )}`,
    )
    // Else `handoff` would take the options of `handoff sign` for its own.
    .enablePositionalOptions()
    .action(handoff);
  withOut(withJson(command.command('sign <client>')))
    .description('sign the newest report after looking into the workspace; changed evidence voids it')
    .option('--by <name>', 'who signs (else the login of this machine)')
    .requiredOption('--note <text>', 'what was seen')
    .action(sign);
  withOut(withJson(command.command('check <client>')))
    .description('whether the newest report is signed for the evidence that stands in it')
    .action(check);
  return command;
};
