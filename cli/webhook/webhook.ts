import { Command } from 'commander';
import { commandOn } from '../target/command.ts';
import { openTarget } from '../target/target.ts';
import { Failed } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { isCurrent, register, registeredAtSandbox, registrationOf, webhookToken } from './registration.ts';

interface RegisterOptions extends TargetOptions {
  readonly again?: true;
}

/** The address without what opens it. */
const hidden = (url: string): string => `${url}/ezw/webhook/(token hidden)`;

const registerOnce = async (clientName: string, options: RegisterOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const token = await webhookToken(target);
  const before = await registrationOf(target);
  if (before && isCurrent(before, token) && !options.again) {
    throw new Failed(
      `This address was registered on ${before.registeredAt}. A second time might double every delivery; --again does it all the same.`,
    );
  }
  const registration = await register(target, token);
  const url = hidden(target.url);
  show(
    options.json,
    { client: clientName, url, ...registration },
    `Registered ${url} for messages, statuses and chats (answered ${registration.status}). Write to the line from a phone to see a delivery.`,
  );
};

const showOne = async (clientName: string, options: TargetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const registration = await registrationOf(target);
  const current = isCurrent(registration, await webhookToken(target));
  const atSandbox = (await registeredAtSandbox(target)).length > 0;
  const none = atSandbox
    ? 'Registered at the sandbox, not by this command.'
    : `Not registered by this command. Run "${commandOn(target, 'webhook register')}".`;
  const text =
    registration === undefined
      ? none
      : `${hidden(target.url)}\nRegistered on ${registration.registeredAt}${current ? '.' : ', with an older token: register it again.'}`;
  show(
    options.json,
    {
      client: clientName,
      url: hidden(target.url),
      registered: registration !== undefined,
      current,
      ...(target.sandboxUrl !== undefined && { atSandbox }),
      ...registration,
    },
    text,
  );
};

export const webhookCommand = (): Command => {
  const webhook = new Command('webhook').description('where EZWhatsApp tells of messages, statuses and chats');
  withTarget(webhook.command('register <client>'))
    .description('register this stack’s address with the stored token, once, every field given')
    .option('--again', 'although this address was registered before')
    .addHelpText('after', examples('webhook register bakery'))
    .action(registerOnce);
  withTarget(webhook.command('show <client>'))
    .description('what was registered, and whether it is the stored token; the token itself is never shown')
    .addHelpText('after', examples('webhook show bakery'))
    .action(showOne);
  return webhook;
};
