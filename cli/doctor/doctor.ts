import { Command } from 'commander';
import { inTurn } from '../../functions/shared/runtime/in-turn.ts';
import type { Client } from '../../lib/client.ts';
import { onlyHere, placeless } from '../deploy/placed.ts';
import { explain } from '../run.ts';
import { clientNames, clientsFolder, readClient } from '../target/project.ts';
import { openTarget } from '../target/target.ts';
import { isUnknownToAws, NotDeployed, WrongInput } from '../terminal/errors.ts';
import { assertOneOrAll, examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show, style } from '../terminal/output.ts';
import { diagnose } from './diagnosis.ts';
import type { Finding } from './finding.ts';

const MARKS = { good: style('green', '✓'), warning: style('yellow', '!'), bad: style('red', '✗') } as const;

const line = ({ level, about, found, todo }: Finding): string =>
  `${MARKS[level]} ${style('bold', about)}: ${found}${todo === undefined ? '' : `\n${todo.replace(/^/gm, '    → ')}`}`;

interface DoctorOptions extends TargetOptions {
  readonly all?: true;
  readonly strict?: true;
  readonly beforeDeploy?: true;
  readonly profile?: string;
}

/** How one client stands. */
interface Diagnosis {
  readonly client: string;
  readonly where: 'aws' | 'local' | 'before-deploy';
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

const has = (findings: readonly Finding[], wanted: Finding['level']): boolean =>
  findings.some(({ level }) => level === wanted);

/** Of an account into which a client is to be deployed it needs no stack. */
const findingsOf = async (name: string, options: DoctorOptions): Promise<Omit<Diagnosis, 'client' | 'healthy'>> => {
  if (options.beforeDeploy) {
    const { beforeDeploy } = await import('./before-deploy.ts');
    const findings = await beforeDeploy(await readClient(name), { hasOwnProfile: options.profile !== undefined });
    return { where: 'before-deploy', findings };
  }
  const target = await openTarget(name, options);
  return { where: target.where, findings: await diagnose(target) };
};

const diagnosisOf = async (client: string, options: DoctorOptions): Promise<Diagnosis> => {
  const { where, findings } = await findingsOf(client, options);
  return { client, where, healthy: !has(findings, 'bad'), findings };
};

/** Of one that cannot be looked at. */
const unseen = (
  client: string,
  { beforeDeploy, local }: DoctorOptions,
  error: unknown,
  also: Partial<Finding> = {},
): Diagnosis => {
  const where = beforeDeploy ? 'before-deploy' : local === undefined ? 'aws' : 'local';
  const finding = {
    check: 'stack',
    level: 'bad',
    about: 'stack',
    found: explain(error),
    isUnknown: true,
    ...also,
  } as const;
  return { client, where, healthy: finding.level !== 'bad', findings: [finding] };
};

/** Of one that is made for this machine. */
const NEVER_DEPLOYED = {
  check: 'stack',
  level: 'good',
  about: 'stack',
  found: 'deployed nowhere, for its client file is for "npm start"',
} as const;

/** Nothing says that it stands: it is in no account, in none that these credentials are of, or there are none. */
const mayNotStand = (error: unknown): boolean =>
  error instanceof NotDeployed ||
  (error instanceof Error && (isUnknownToAws(error) || /^Region is missing/.test(error.message)));

/** Of a client whose file names no account: it was deployed by an earlier release, to where the credentials were, or never. */
const withoutPlace = async (client: Client, options: DoctorOptions): Promise<Diagnosis> => {
  if (onlyHere(client)) return { client: client.name, where: 'aws', healthy: true, findings: [NEVER_DEPLOYED] };
  const { found, todo } = placeless(client);
  try {
    return await diagnosisOf(client.name, options);
  } catch (error) {
    if (!mayNotStand(error)) throw error;
    return unseen(client.name, options, error, {
      level: 'warning',
      found: `not looked at: ${found}, and ${explain(error)}`,
      todo,
    });
  }
};

/** Of several: one that cannot be looked at at all is bad, and hides no other. */
const oneOfMany = async (name: string, options: DoctorOptions): Promise<Diagnosis> => {
  try {
    const client = await readClient(name);
    return client.aws || options.beforeDeploy ? await diagnosisOf(name, options) : await withoutPlace(client, options);
  } catch (error) {
    return unseen(name, options, error);
  }
};

/** Of one that cannot be looked at machines are told on stdout too, as of one that can. @throws as `diagnosisOf` */
const theOnly = async (client: string, options: DoctorOptions): Promise<Diagnosis> => {
  try {
    return await diagnosisOf(client, options);
  } catch (error) {
    if (options.json) show(true, unseen(client, options, error), '');
    throw error;
  }
};

/** So many stacks at once: AWS lets an account describe only some in a second (https://github.com/aws/aws-sam-cli/issues/2671). */
const AT_ONCE = 4;

const allDiagnoses = (options: DoctorOptions): Promise<readonly Diagnosis[]> =>
  inTurn(clientNames(), AT_ONCE, (name) => oneOfMany(name, options));

/** What of several is not as it should be; nobody reads 200 times what is well. */
const summaryOf = ({ client, healthy, findings }: Diagnosis): string => {
  const wrong = findings.filter(({ level }) => level !== 'good');
  const head = `${healthy ? MARKS.good : MARKS.bad} ${style('bold', client)}: ${findings.length - wrong.length} of ${findings.length} good`;
  return [head, ...wrong.map((one) => line(one).replace(/^/gm, '  '))].join('\n');
};

const EXIT = { bad: 1, warning: 3 } as const;

const exitCodeOf = (findings: readonly Finding[], isStrict: boolean): number => {
  if (has(findings, 'bad')) return EXIT.bad;
  return isStrict && has(findings, 'warning') ? EXIT.warning : 0;
};

const assertPossible = ({ beforeDeploy, profile, local }: DoctorOptions): void => {
  if (local !== undefined && (beforeDeploy || profile !== undefined)) {
    throw new WrongInput(
      `${beforeDeploy ? '--before-deploy' : '--profile'} asks AWS, and --local the stack on this machine, which nobody deploys: leave one of them out.`,
    );
  }
};

const doctor = async (client: string | undefined, options: DoctorOptions): Promise<void> => {
  assertPossible(options);
  assertOneOrAll(client, options);
  const { profile, json, strict = false } = options;
  // The SDK's own way to name it, and that of whatever this command says to type.
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (client === undefined) {
    const clients = await allDiagnoses(options);
    if (clients.length === 0) {
      if (json) show(json, { healthy: false, clients }, '');
      throw new WrongInput(`There is no client file in ${clientsFolder()}: nothing was looked at.`);
    }
    const healthy = clients.every((one) => one.healthy);
    show(json, { healthy, clients }, clients.map(summaryOf).join('\n'));
    process.exitCode = exitCodeOf(
      clients.flatMap(({ findings }) => findings),
      strict,
    );
    return;
  }
  const diagnosis = await theOnly(client, options);
  show(json, diagnosis, diagnosis.findings.map(line).join('\n'));
  process.exitCode = exitCodeOf(diagnosis.findings, strict);
};

export const doctorCommand = (): Command =>
  withTarget(new Command('doctor').argument('[client]'))
    .description(
      'look at everything a client needs and say what to do. Exit codes: 0 well, 1 something is bad, 3 with --strict: something is to be seen to, 2 wrong input',
    )
    .option('--all', 'every client file: of each what is not as it should be')
    .option('--strict', 'for pipelines: exit code 3 where nothing is bad and something is to be seen to')
    .option(
      '--before-deploy',
      'what can be known before a deployment: credentials, account, quotas, the stack; it needs none',
    )
    .option('--profile <name>', 'of your AWS configuration, as AWS_PROFILE')
    .addHelpText(
      'after',
      examples(
        'doctor bakery',
        'doctor demo --local',
        'doctor bakery --before-deploy --profile agency',
        'doctor --all --strict --json',
      ),
    )
    .action(doctor);
