import { Command, Option } from 'commander';
import { readClient } from '../target/project.ts';
import { openTarget } from '../target/target.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { isHealthy } from './compare.ts';
import { connect, disconnect, type SourceOptions } from './connect.ts';
import { addressOf, askLogins, look, type Opened, openPlace, told, toolsOf } from './look.ts';
import { commandFor, connectableKinds, connectablePlaces, connectionOf, placeNamed } from './place.ts';
import { asJson, describe } from './words.ts';

/** What is shown of one source; `healthy` is undefined where nobody could look. */
interface Shown {
  readonly healthy?: boolean;
  readonly text: readonly string[];
  readonly json: object;
}

const factsOf = ({ target, place, connection }: Opened) => {
  const { template, source } = place;
  return { template, source, vendor: connection.vendor, address: addressOf(target, place) };
};

const shownOf = async (opened: Opened, login: Readonly<Record<string, string>>): Promise<Shown> => {
  const facts = factsOf(opened);
  const seen = await told(
    Promise.resolve().then(() => look(opened, toolsOf(opened, login))),
    opened,
  );
  const healthy = isHealthy(seen);
  const todo = healthy ? [] : [`→ ${commandFor(opened.target, opened.place)}`];
  return {
    healthy,
    text: [`${facts.address} at ${facts.vendor}`, ...describe(seen), ...todo],
    json: { ...facts, healthy, ...asJson(seen) },
  };
};

/** Of all sources one that cannot be looked at hides no other. */
const shownOrNot = async (opened: Opened): Promise<Shown> => {
  const facts = factsOf(opened);
  const head = `${facts.address} at ${facts.vendor}`;
  if (opened.asks.length > 0) {
    const todo = `→ ${commandFor(opened.target, opened.place, 'show')} asks for it; "source connect … --keep" stores it`;
    return {
      text: [head, '  not looked at: no login is stored', todo],
      json: { ...facts, problem: 'no login is stored' },
    };
  }
  return shownOf(opened, {}).catch((error: Error) => {
    return {
      healthy: false,
      text: [head, `  ${error.message}`],
      json: { ...facts, healthy: false, problem: error.message },
    };
  });
};

const showAll = async (clientName: string, source: string | undefined, options: SourceOptions): Promise<void> => {
  const place = source === undefined ? undefined : placeNamed(await readClient(clientName), source, options.template);
  const target = await openTarget(clientName, options);
  const all: Shown[] = [];
  if (place === undefined) {
    const opened = await Promise.all(connectablePlaces(target.client).map((place) => openPlace(target, place)));
    all.push(...(await Promise.all(opened.map(shownOrNot))));
  } else {
    const opened = await openPlace(target, place);
    all.push(await shownOf(opened, await askLogins(opened)));
  }
  const text = all.map((one) => one.text.join('\n')).join('\n\n');
  const none = `No source of ${clientName} is connected by a command. There are: ${kinds()}.`;
  show(options.json, { client: clientName, sources: all.map(({ json }) => json) }, text || none);
  if (all.some(({ healthy }) => healthy === false)) process.exitCode = 1;
};

interface ChecklistOptions extends Pick<TargetOptions, 'json'> {
  readonly template?: string;
  readonly locale?: 'en' | 'he';
}

const showChecklist = async (clientName: string, source: string, options: ChecklistOptions): Promise<void> => {
  const client = await readClient(clientName);
  const { checklist, vendor } = await connectionOf(placeNamed(client, source, options.template));
  const locale = options.locale ?? (client.locale.startsWith('he') ? 'he' : 'en');
  const steps = checklist[locale];
  show(
    options.json,
    { client: clientName, source, vendor, locale, steps },
    steps.map((step, i) => `${i + 1}. ${step}`).join('\n'),
  );
};

const kinds = (): string => connectableKinds().join(', ');

export const sourceCommand = (): Command => {
  const source = new Command('source').description('where shops, forms and calendars tell of their events');
  const [kind = '<source>'] = connectableKinds();
  const template = () => new Option('--template <name>', 'which template’s, where two have a source of that name');
  withTarget(source.command('connect <client> <source>'))
    .description('make or repair its subscription at the vendor: on, with all events, with the stored secret')
    .addOption(template())
    .option('--keep', 'store the login that is asked for beside the secret, so that doctor can look')
    .option('--login', 'ask for its login although one is stored; with --keep the new one is stored in its place')
    .option('--again', 'although all looks right')
    .option('--yes', 'do not ask before it is done')
    .addHelpText(
      'after',
      `\nBy command: ${kinds()}.${examples(`source connect bakery ${kind}`, `source connect bakery ${kind} --keep --yes < login.txt`)}`,
    )
    .action(connect);
  withTarget(source.command('show <client> [source]'))
    .description('what the vendor says of it beside what must be; exit code 1 if something is missing or off')
    .addOption(template())
    .addHelpText('after', examples('source show bakery', `source show bakery ${kind}`))
    .action(showAll);
  withTarget(source.command('disconnect <client> <source>'))
    .description('remove the subscriptions to this stack’s address, and no other')
    .addOption(template())
    .option('--yes', 'do not ask before it is done')
    .addHelpText('after', examples(`source disconnect bakery ${kind}`))
    .action(disconnect);
  withTarget(source.command('checklist <client> <source>'))
    .description('what only the owner of the shop, page or account can do, to be sent to them')
    .addOption(template())
    .addOption(new Option('--locale <locale>', 'its language; the client’s unless given').choices(['en', 'he']))
    .addHelpText('after', examples(`source checklist bakery ${kind} --locale he`))
    .action(showChecklist);
  return source;
};
