import { spawn } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { PREPARED, READS } from '../../lib/parameter-names.ts';
import { readBy } from '../../lib/parameters.ts';
import { explain } from '../run.ts';
import { ROOT, readClient } from '../target/project.ts';
import type { Deployed } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed } from '../terminal/errors.ts';
import { examples, withJson } from '../terminal/options.ts';
import { progress, show } from '../terminal/output.ts';
import { assertPlaced } from './placed.ts';
import { oldSalt, prepare, tidy } from './prepare.ts';
import { protectAfterwards, setProtection } from './protection.ts';

/** Of the options for the CDK the profile: what follows it goes by the same. */
const profileIn = (options: readonly string[]): string | undefined => {
  const at = options.findIndex((one) => one === '--profile' || one.startsWith('--profile='));
  return at === -1 ? undefined : (options[at]?.split('=')[1] ?? options[at + 1]);
};

/** What the template asks for, and `prepare` has seen to. */
const IS_PREPARED = ['--parameters', `${PREPARED}=yes`];

/**
 * The CDK's own command, with what it says; this client file alone is read. It ends with whoever ends this one, and is waited for even so.
 * @returns how it ended, if not well
 */
const cdk = (client: Client, options: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const child = spawn('npx', ['cdk', 'deploy', stackNameOf(client), '--exclusively', ...options], {
      cwd: ROOT,
      env: { ...process.env, CLIENT: client.name },
      stdio: ['inherit', 2, 2],
    });
    // Ctrl-C is for all that belong to the terminal, so it has it already.
    const interrupted = (): void => undefined;
    const ended = (): void => void child.kill('SIGTERM');
    process.on('SIGINT', interrupted).on('SIGTERM', ended);
    const done = (): void => void process.off('SIGINT', interrupted).off('SIGTERM', ended);
    child.once('error', () => {
      done();
      reject(new Failed('There is no "npx" here, which comes with Node: is it on the PATH? Nothing was deployed.'));
    });
    child.once('exit', (code, signal) => {
      done();
      resolve(code === 0 ? undefined : signal === null ? `ended with ${code}` : `was ended (${signal})`);
    });
  });

/** Of the region that the client file names. @throws Failed */
const deployedTarget = async (client: Client): Promise<Deployed> =>
  (await import('../target/aws.ts')).awsTarget(client);

/**
 * The CDK lets go of the stack's protection before it begins, whatever becomes of the deployment.
 * @returns the stack, where it stands and could be looked at; what is left where it does not stand whole
 */
const protectWhatStands = async (client: Client): Promise<{ readonly target?: Deployed; readonly left?: Failed }> => {
  try {
    const target = await deployedTarget(client);
    await protectAfterwards(target);
    return { target };
  } catch (error) {
    const todo = `npx ezw protect ${client.name}`;
    progress(`Not looked at, and so not protected against deletion: ${explain(error)} Then: ${todo}`);
    return error instanceof Failed ? { left: error } : {};
  }
};

/** What the CDK is asked for that changes nothing. */
const isPlanned = (options: readonly string[]): boolean =>
  options.some((one) => /^(--no-execute|--execute=false|(--method=)?prepare-change-set)$/.test(one));
const isQuestion = (options: readonly string[]): boolean => options.some((one) => /^(--help|-h|--version)$/.test(one));

/** What the client file asks for, as the stack that stands says it: whatever the CDK ended well with, that is what was deployed. */
const isOfClient = ({ template, client }: Deployed): boolean =>
  isDeepStrictEqual(template.Metadata?.[READS], readBy(client));

/** The functions of before read it. */
const tellOfOldSalt = async (stores: Stores): Promise<void> => {
  const old = await oldSalt(stores);
  if (old === undefined) return;
  progress(
    `Nothing reads the secret ${old} any more, which bills by the month. When you have seen that all is well an administrator types: aws secretsmanager delete-secret --secret-id ${old} --recovery-window-in-days 30`,
  );
};

const afterwards = async (stores: Stores): Promise<void> => {
  await tidy(stores).catch((error: unknown) => {
    progress(`Not tidied, what is stored of sources that are off: ${explain(error)} The next deployment does it.`);
  });
  await tellOfOldSalt(stores);
};

/** @returns what the CDK has to be told of it; nothing of an account of which nobody knows whose it is: nothing is written there */
const prepareFirst = async (client: Client, stores: Stores, options: readonly string[], without: boolean) => {
  const { assertReady } = await import('./preflight.ts');
  if (!(await assertReady(client, options))) {
    progress(
      `Not made in Parameter Store, what ${client.name} needs there: log in so that AWS says whose account it is.`,
    );
    return [];
  }
  const reads = await (await import('./earlier-life.ts')).assertNoEarlierLife(client, without);
  const { takenOver, made } = await prepare(stores, reads);
  if (made.length > 0) progress(`Made in Parameter Store: ${made.join(', ')}.`);
  if (takenOver.length > 0) progress(`Taken over from Secrets Manager into Parameter Store: ${takenOver.join(', ')}.`);
  return IS_PREPARED;
};

type Stores = Parameters<typeof prepare>[0];

interface DeployOptions {
  readonly withoutTables?: true;
  readonly json?: true;
}

const deploy = async (name: string, options: readonly string[], given: DeployOptions): Promise<void> => {
  const client = await readClient(name);
  if (isQuestion(options)) return void (await cdk(client, options));
  assertPlaced(client);
  const profile = profileIn(options);
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const stores = { client, ...(await import('../target/aws.ts')).servicesOf(client) };
  const prepared = await prepareFirst(client, stores, options, given.withoutTables === true);
  const ended = await cdk(client, [...prepared, ...options]);
  const { target, left } = await protectWhatStands(client);
  if (ended !== undefined) {
    throw new Failed(
      `"npx cdk deploy ${stackNameOf(client)}" ${ended}. If CloudFormation had begun, it ends what it does or takes it back by itself: when its console says so, mend what the CDK named, and run this again. What can be known beforehand: npx ezw doctor ${client.name} --before-deploy`,
    );
  }
  if (isPlanned(options)) return show(given.json, { client: client.name }, 'Nothing was deployed, as you asked.');
  if (left) throw left;
  if (target && !isOfClient(target)) {
    throw new Failed(
      `The CDK ended well, and ${stackNameOf(client)} is not as clients/${client.name}.ts has it: it was planned and not carried out (--no-execute), or something else was asked of the CDK.`,
    );
  }
  if (target && prepared.length > 0) await afterwards(stores);
  show(
    given.json,
    { client: client.name, url: target?.url },
    `${stackNameOf(client)} is deployed${target ? '' : ', by the word of the CDK'}. Next, of a new client: npx ezw secrets set ${client.name} line-token; of one that runs: npx ezw test-send ${client.name}`,
  );
};

interface ProtectOptions {
  readonly off?: true;
  readonly yes?: true;
  readonly json?: true;
}

const protect = async (name: string, { off, yes, json }: ProtectOptions): Promise<void> => {
  const client = await readClient(name);
  const target = await deployedTarget(client);
  if (off) {
    await askConsent(
      `Then ${stackNameOf(client)} can be deleted with all that waits in its queues, and its tables by whoever may. Switch it off?`,
      yes,
    );
  }
  const changed = await setProtection(target, off !== true);
  const state = off ? 'no longer protected' : 'protected';
  show(
    json,
    { client: name, protected: off !== true, changed },
    changed.length === 0 ? `Everything was ${state} before.` : `${state}: ${changed.join(', ')}`,
  );
};

export const deployCommand = (): Command =>
  withJson(new Command('deploy').argument('<client>').argument('[options...]'))
    .description('deploy one client by the CDK, and protect it; what stands behind -- goes to "cdk deploy"')
    .option('--without-tables', 'of a client that was removed: with new tables, in which nobody who said stop is known')
    .addHelpText('after', examples('deploy bakery', 'deploy bakery -- --profile agency --require-approval never'))
    .action(deploy);

export const protectCommand = (): Command =>
  withJson(new Command('protect').argument('<client>'))
    .description('have AWS refuse to delete the stack and its tables, until --off')
    .option('--off', 'before the client is removed')
    .option('--yes', 'switch it off without asking')
    .addHelpText('after', examples('protect bakery', 'protect bakery --off'))
    .action(protect);
