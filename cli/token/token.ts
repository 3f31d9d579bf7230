import { Command } from 'commander';
import { http } from '../../functions/shared/runtime/http.ts';
import { assertTokenIsKept, writeSecret } from '../secrets/store.ts';
import { describeHealth, healthOf } from '../target/line.ts';
import { openTarget } from '../target/target.ts';
import { askLogin } from '../terminal/ask.ts';
import { Failed } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { WorkspaceClient, workspaceLogin } from './workspace-client.ts';

const rotate = async (clientName: string, options: TargetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  // Before the old token dies: is there a place for the new one?
  await assertTokenIsKept(target);
  const idToken = await workspaceLogin(target.ezwUrl, await askLogin(), http);
  const token = await new WorkspaceClient(target.ezwUrl, idToken, http).rotateLineToken(target.client.lineId);
  const version = await writeSecret(target, 'line-token', token).catch((error: Error) => {
    throw new Failed(
      `The token was rotated but could not be stored (${error.name}). Messages wait. Run this command again: it makes another one.`,
    );
  });
  const health = await healthOf(target);
  if (health.problem !== undefined) {
    throw new Failed(`The new token is stored, but the line's health cannot be read with it: ${health.problem}.`);
  }
  show(
    options.json,
    { client: clientName, lineId: target.client.lineId, version, health },
    `The line has a new token, stored as version ${version}; the old one must be taken to be dead.\nHealth with it: ${describeHealth(health)}`,
  );
};

export const tokenCommand = (): Command => {
  const token = new Command('token').description('the token of the line');
  withTarget(token.command('rotate <client>'))
    .description('log in to the workspace once, make a new line token, store it and prove it; the login is forgotten')
    .addHelpText('after', examples('token rotate bakery'))
    .action(rotate);
  return token;
};
