import { spawn } from 'node:child_process';
import { Command } from 'commander';
import type { Client } from '../../lib/client.ts';
import { ROOT, readClient } from '../target/project.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { examples, withJson } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { type Deployed, isDeployed, protectAfterwards, setProtection } from './protection.ts';

/** Addresses that are this machine, from a function of AWS as from here. */
const HERE = /https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?=[:/"]|$)/;

/** What is made for `npm start` alone must not answer a client's customers; pages may be tried from here. @throws WrongInput */
const assertForAws = (client: Client): void => {
  const [found] = HERE.exec(JSON.stringify(client, (key, value) => (key === 'origins' ? undefined : value))) ?? [];
  if (found === undefined) return;
  throw new WrongInput(
    `clients/${client.name}.ts names an address of this machine (${found}…), which no function in AWS can reach: it is for "npm start". "npx ezw init <name>" writes a client file that can be deployed.`,
  );
};

/** The CDK's own command, with what it says; this client file alone is read. @returns its exit code */
const cdk = (client: string, options: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn('npx', ['cdk', 'deploy', `Ezw-${client}`, '--exclusively', ...options], {
      cwd: ROOT,
      env: { ...process.env, CLIENT: client },
      stdio: ['inherit', 2, 2],
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** What stands after a deployment, if anything: one that failed may have left the stack as it was before. */
const standing = (client: string): Promise<Target | undefined> => openTarget(client, {}).catch(() => undefined);

const deploy = async (name: string, options: readonly string[], { json }: { readonly json?: true }): Promise<void> => {
  const client = await readClient(name);
  assertForAws(client);
  const code = await cdk(client.name, options);
  if (code !== 0) {
    // The CDK lets go of the stack's protection before it begins.
    const target = await standing(client.name);
    if (target) await protectAfterwards(target);
    throw new Failed(
      `"npx cdk deploy Ezw-${client.name}" ended with ${code}: its own words above say why. What was made by a first deployment is taken back by CloudFormation, so mend it and run this again.`,
    );
  }
  const target = await openTarget(client.name, {});
  await protectAfterwards(target);
  show(
    json,
    { client: client.name, url: target.url },
    `Ezw-${client.name} is deployed. Next, of a new client: npx ezw secrets set ${client.name} line-token; of one that runs: npx ezw test-send ${client.name}`,
  );
};

/** @throws WrongInput for what is on this machine alone */
const deployedTarget = async (name: string): Promise<Deployed> => {
  const target = await openTarget(name, {});
  if (isDeployed(target)) return target;
  throw new WrongInput('There is nothing to protect on this machine.');
};

interface ProtectOptions {
  readonly off?: true;
  readonly yes?: true;
  readonly json?: true;
}

const protect = async (name: string, { off, yes, json }: ProtectOptions): Promise<void> => {
  const target = await deployedTarget(name);
  if (off) {
    await askConsent(
      `Then Ezw-${name} can be deleted with all that waits in its queues, and its tables by whoever may. Switch it off?`,
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
    .addHelpText('after', examples('deploy bakery', 'deploy bakery -- --profile agency --require-approval never'))
    .action(deploy);

export const protectCommand = (): Command =>
  withJson(new Command('protect').argument('<client>'))
    .description('have AWS refuse to delete the stack and its tables, until --off')
    .option('--off', 'before the client is removed')
    .option('--yes', 'switch it off without asking')
    .addHelpText('after', examples('protect bakery', 'protect bakery --off'))
    .action(protect);
