import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { crmName, crmsOf } from '../../functions/crm-sync/named.ts';
import { newSecretOf } from '../source/place.ts';
import { commandOn } from '../target/command.ts';
import { secretMakerOf, usualEvent } from '../target/registry.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askSecret } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { isCurrent, registrationOf, webhookToken } from '../webhook/registration.ts';
import { added, type Entry, entryOf, finished, halfFinished, halfRotated, replaced, rotated } from './entry.ts';
import { assertFits, type NamedSecret, namedSecret } from './names.ts';
import { entriesOf, readEntry, writeEntry, writeNamed } from './store.ts';

interface RotateOptions extends TargetOptions {
  readonly generate?: true;
  readonly finish?: true;
}

interface Next {
  readonly entry: Entry;
  readonly gone?: readonly string[];
  readonly stays?: readonly string[];
}

const nextEntry = async (target: Target, named: NamedSecret, value: string, isOnlyCrm: boolean): Promise<Next> => {
  if (named.secret === 'line-token') return { entry: value };
  const stored = (await readEntry(target, named)) ?? (isOnlyCrm ? await readEntry(target, UNNAMED) : undefined);
  return named.secret === 'sources' ? replaced(stored, entryOf(value)) : added(stored, entryOf(value));
};

interface SetOptions extends TargetOptions {
  readonly stored?: true;
}

const UNNAMED: NamedSecret = { secret: 'crm' };

/** The name of the client's only CRM, where it is that one's secret: it is stored by that, and never another's. */
const onlyCrm = ({ client }: Target, { secret, field }: NamedSecret): string | undefined => {
  const names = crmsOf(client.crm).map(crmName);
  return secret === 'crm' && names.length === 1 && [undefined, names[0]].includes(field) ? names[0] : undefined;
};

const setStored = async (target: Target, name: string, named: NamedSecret): Promise<string> => {
  const stored = await readEntry(target, UNNAMED);
  const { field } = named;
  if (field !== undefined && (await readEntry(target, named)) !== undefined)
    throw new WrongInput(`${name} has a secret of its own already, which --stored would replace by an older one.`);
  if (field !== undefined && stored !== undefined) return writeNamed(target, field, stored as Entry);
  throw new WrongInput(
    `Nothing is stored as crm without a name that ${name} could be. Give it here, without --stored.`,
  );
};

const set = async (clientName: string, name: string, options: SetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const given = namedSecret(name, target.client);
  const only = onlyCrm(target, given);
  const named = only === undefined ? given : { ...given, field: only };
  if (options.stored) {
    if (named.secret !== 'crm')
      throw new WrongInput('--stored is for crm.<name>: what was stored when there was one CRM.');
    const version = await setStored(target, name, named);
    const said = `What was stored as crm is that of ${name} of ${clientName} from now on (version ${version}).`;
    return show(options.json, { client: clientName, name, version }, said);
  }
  const value = await askSecret(`Value of ${name} for ${clientName}`);
  assertFits(named, value);
  const { entry, gone = [], stays = [] } = await nextEntry(target, named, value, only !== undefined);
  const version = await (only === undefined ? writeEntry(target, named, entry) : writeNamed(target, only, entry));
  const rest = [
    ...(gone.length > 0 ? [` No longer stored of it: ${gone.join(', ')}.`] : []),
    ...(stays.length > 0 ? [` As before stays: ${stays.join(', ')}.`] : []),
  ];
  show(
    options.json,
    { client: clientName, name, version, ...(gone.length > 0 && { gone }), ...(stays.length > 0 && { stays }) },
    `${name} of ${clientName} is stored (version ${version}).${rest.join('')}`,
  );
};

/** How the new value gets to the other side: by a command, or by a person to whom it is shown. */
const tellingOf = async (target: Target, { secret, field }: NamedSecret): Promise<string | undefined> => {
  const { client } = target;
  if (secret === 'webhook-token') return commandOn(target, 'webhook register');
  const isConnected = field !== undefined && (await newSecretOf(client, field)) !== undefined;
  return isConnected ? commandOn(target, 'source connect', field) : undefined;
};

/** What a rotation may make up itself: values that we choose and the other side is told. */
const generated = async ({ client }: Target, { secret, field = '' }: NamedSecret): Promise<string | undefined> => {
  if (secret === 'webhook-token') return randomBytes(32).toString('hex');
  if (secret !== 'sources') return undefined;
  return (secretMakerOf(field) ?? (await newSecretOf(client, field)))?.();
};

const nextValue = async (
  target: Target,
  name: string,
  named: NamedSecret,
  generate: true | undefined,
): Promise<string> => {
  if (!generate) return askSecret(`New value of ${name}`);
  const value = await generated(target, named);
  if (value !== undefined) return value;
  throw new WrongInput(
    `${name} is issued by the other system: create a new one there and give it here, without --generate.`,
  );
};

const whatNext = (command: string | undefined): string =>
  command === undefined
    ? 'Now give the new value to the sender, and when its events arrive, run this command with --finish.'
    : `Now run "${command}", and when what comes is signed with the new one, this command with --finish.`;

/** What is stored of a source by the templates that have it, where that is not the same; else nothing. */
const differing = async (target: Target, { secret, field = '' }: NamedSecret): Promise<readonly unknown[]> => {
  if (secret !== 'sources') return [];
  const entries = (await entriesOf(target))(field);
  return entries.every((one) => isDeepStrictEqual(one, entries[0])) ? [] : entries;
};

const notTheSame = (name: string): WrongInput =>
  new WrongInput(
    `${name} is not the same for all templates that have it: store by "secrets set" what its sender signs with now, then rotate. Nothing was stored.`,
  );

const endOf = (half: readonly unknown[], name: string): Entry => {
  const end = halfFinished(half);
  // The end of a rotation that not all templates have begun would refuse what its sender still signs with.
  if (end === undefined) throw notTheSame(name);
  return end;
};

/** A rotation that stopped half way is gone on with: it had a new value already, which is shown where it was made up and nobody was told it. */
const goOn = async (
  target: Target,
  name: string,
  named: NamedSecret,
  half: readonly unknown[],
  { json, generate }: RotateOptions,
): Promise<void> => {
  if (halfFinished(half) !== undefined)
    throw new WrongInput(`The end of a rotation of ${name} stopped half way: run this command with --finish.`);
  const entry = halfRotated(half);
  if (entry === undefined) throw notTheSame(name);
  const version = await writeEntry(target, named, entry);
  const { current: value } = entry as { readonly current: unknown };
  const command = await tellingOf(target, named);
  const shown = generate && command === undefined ? { value } : {};
  show(
    json,
    { client: target.client.name, name, version, accepted: 2, resumed: true, ...shown },
    [
      `${name}: a rotation that had stopped half way is gone on with, by the new value that it had, and not by another one; that and the one before it are both accepted (version ${version}).`,
      ...('value' in shown ? [`That value: ${value}`] : []),
      whatNext(command),
    ].join('\n'),
  );
};

/**
 * The end of a rotation of the webhook's token refuses what comes to the address that was registered with the one before.
 * @returns what is to be known of an address that was registered by hand
 * @throws Failed where it is known that the new one was never registered
 */
const assertRegistered = async (target: Target): Promise<string | undefined> => {
  const [token, registration] = [await webhookToken(target), await registrationOf(target)];
  if (isCurrent(registration, token)) return undefined;
  const todo = commandOn(target, 'webhook register');
  if (registration === undefined) return `The address with the new one was not registered by this command: "${todo}".`;
  throw new Failed(
    `EZWhatsApp knows the address with the previous token alone, and each delivery there would be refused: run "${todo}" first. Nothing was stored.`,
  );
};

const rotate = async (clientName: string, name: string, options: RotateOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const named = namedSecret(name, target.client);
  if (named.secret !== 'sources' && named.secret !== 'webhook-token') {
    const hint =
      named.secret === 'line-token' ? '"token rotate" makes a new line token.' : '"secrets set" replaces it.';
    throw new WrongInput(`${name} has no overlap of two values. ${hint}`);
  }
  const entry = await readEntry(target, named);
  const half = await differing(target, named);
  if (half.length > 0 && !options.finish) return goOn(target, name, named, half, options);
  if (options.finish) {
    const end = half.length > 0 ? endOf(half, name) : finished(entry);
    const unsure = named.secret === 'webhook-token' ? await assertRegistered(target) : undefined;
    const version = await writeEntry(target, named, end);
    const said = `The previous value of ${name} is refused from now on (functions may remember it for five minutes).`;
    return show(
      options.json,
      { client: clientName, name, version, accepted: 1, ...(unsure && { unsure }) },
      [said, ...(unsure ? [unsure] : [])].join('\n'),
    );
  }
  const generate = options.generate ?? (name === 'webhook-token' || undefined);
  const value = await nextValue(target, name, named, generate);
  const command = await tellingOf(target, named);
  assertFits(named, value);
  const isFirst = entry === undefined && name === 'webhook-token';
  const version = await writeEntry(target, named, isFirst ? value : rotated(entry, value));
  // A made-up secret must reach its sender, so it is shown this once, but where a command takes it there.
  const shown = generate && command === undefined ? { value } : {};
  show(
    options.json,
    { client: clientName, name, version, accepted: isFirst ? 1 : 2, ...shown },
    [
      isFirst
        ? `${name}: a first value is stored (version ${version}).`
        : `${name}: the new value and the one before it are both accepted, within a minute everywhere (version ${version}).`,
      ...('value' in shown ? [`New value, shown once: ${value}`] : []),
      whatNext(command),
    ].join('\n'),
  );
};

const [, OURS] = usualEvent();
const NAMES = 'line-token, sources.<source>, webhook-token, crm, crm.<name> of several CRMs, or notifiers.<name>';

export const secretsCommand = (): Command => {
  const secrets = new Command('secrets').description('store and rotate what must not be written into a file');
  withTarget(secrets.command('set <client> <name>'))
    .description(`store one secret, typed at a hidden prompt or piped in; <name> is ${NAMES}`)
    .option('--stored', 'of crm.<name>: what was stored as crm, when there was one, is its secret')
    .addHelpText('after', examples('secrets set bakery line-token', `secrets set bakery sources.${OURS} < secret.txt`))
    .action(set);
  withTarget(secrets.command('rotate <client> <name>'))
    .description('replace the secret of a source or the webhook token; the old one is accepted until --finish')
    .option('--generate', 'make up a new value (always for webhook-token)')
    .option('--finish', 'end the overlap: refuse the old value')
    .addHelpText(
      'after',
      examples(`secrets rotate bakery sources.${OURS} --generate`, `secrets rotate bakery sources.${OURS} --finish`),
    )
    .action(rotate);
  return secrets;
};
