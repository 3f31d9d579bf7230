import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { type Client, settingsOf } from '../../lib/client.ts';
import { type Event, endsOf, eventOf, hasId, ownHeaders } from '../../local/samples/event.ts';
import { library, type Placed } from '../../local/samples/library.ts';
import { idLike } from '../../local/samples/render.ts';
import { type Setting, settingOf } from '../../local/samples/set-fields.ts';
import { readClient } from '../target/project.ts';
import {
  type AnySource,
  type AnyTemplate,
  ownSourceOf,
  sourceNamed,
  sourceSecretOf,
  templateNamed,
} from '../target/registry.ts';
import { openLocalTarget, openTarget, runningClient, type Target } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { masked } from '../terminal/mask.ts';
import { examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { progress, show, style } from '../terminal/output.ts';
import { chosen, listed, orWrongInput } from './choose.ts';
import { deliver, hold, lookedUp, outcomes, recordsOf } from './deliver.ts';
import { shown } from './dry.ts';
import { instantOf } from './occurrence.ts';
import { asOwn } from './own-origin.ts';
import { type Preview, previewOf, settingsIn } from './preview.ts';
import { assertOwn, assertSameId, isLive, recipientOf, UNREAD } from './recipient.ts';

interface TriggerOptions extends TargetOptions {
  readonly client?: string;
  readonly phone?: string;
  readonly id?: string;
  readonly at?: string;
  readonly set?: readonly Setting[];
  readonly times: number;
  readonly dry?: true;
  readonly list?: true;
  readonly yes?: true;
  /** False with --no-wait. */
  readonly wait: boolean;
}

/** What will become of an event, or why the door will refuse it. */
export type Foreseen = Preview | { readonly refused: string };

/** A message is out within moments, or waits for something. */
const SEND_MS = 15_000;
const LOOK_UP_MS = 5_000;

/** Something to send: a sample, and who takes it. */
export interface Order {
  readonly target: Target;
  readonly placed: Placed;
  readonly template: AnyTemplate;
  /** By its name in the client file. */
  readonly sourceName: string;
  readonly source: AnySource;
  /** Undefined where only the vendor knows it. */
  readonly phone: string | undefined;
}

/** @throws WrongInput, Failed when nobody consents */
const askToSend = async ({ target, phone }: Order, { times, yes }: TriggerOptions): Promise<void> => {
  if (!isLive(target)) return;
  const whom = phone === undefined ? 'whoever the vendor has under this id' : masked(phone);
  await askConsent(`Send ${times} event(s) to ${target.client.name}, which may write to ${whom}?`, yes);
};

/** @throws WrongInput for an id that cannot be one here */
const assertId = ({ name, sample }: Placed, id: string, { id: given, times }: TriggerOptions): void => {
  if (given === undefined && times === 1) return;
  if (!hasId(sample)) {
    throw new WrongInput(
      `${name} has no id of its own: its sender makes one of the answers, so all would be one event.`,
    );
  }
  if (id === '' || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(id))
    throw new WrongInput('--id takes a text without line breaks, and not an empty one.');
  const isJson = /json/i.test(sample.headers['content-type'] ?? '');
  const isNumber = [...(isJson ? [sample.body] : []), ...sample.held.map(({ body }) => body)].some((body) =>
    /[:[,]\s*\d*\{\{id\}\}\d*\s*[,}\]]/.test(body),
  );
  if (isNumber && !/^(0|[1-9]\d*)$/.test(id)) throw new WrongInput(`--id must be a number here, such as ${sample.id}.`);
};

/** From where the client's events come, unless another place is written over it. */
const fromHere = (event: Event, { target, placed, sourceName, source }: Order, { set = [] }: TriggerOptions): Event => {
  if (set.some(({ field }) => field === source.origin?.field)) return event;
  return asOwn(event, source, settingsIn(target.client, placed.template, sourceName).settings);
};

const eventFor = (order: Order, options: TriggerOptions, now: number): { id: string; event: Event } => {
  const { placed, phone } = order;
  const id = options.id ?? idLike(placed.sample.id, () => randomInt(1_000_000) / 1_000_000);
  assertId(placed, id, options);
  const event = orWrongInput(() => eventOf(placed.sample, { id, phone: phone ?? UNREAD, now }, options.set));
  return { id, event: fromHere(event, order, options) };
};

/** What is known to become of it, or why the door will refuse it. */
const foreseen = (order: Order, event: Event, now: number): Foreseen => {
  const { target, placed, template, sourceName: name, source } = order;
  const headers = ownHeaders(event.headers);
  try {
    const of = { name: placed.template, template };
    return previewOf(target.client, of, { name, source }, { headers, body: event.body }, now);
  } catch (error) {
    if ((error as Error).name !== 'Invalid') throw error;
    return { refused: (error as Error).message };
  }
};

const once = async (order: Order, options: TriggerOptions) => {
  const { target, placed, sourceName, source } = order;
  const now = Date.now();
  const { id, event } = eventFor(order, options, instantOf(options.at, now));
  const found = foreseen(order, event, now);
  const sends = 'sends' in found ? found.sends : [];
  if (options.phone !== undefined || isLive(target)) assertOwn(sends, order.phone);
  const keys = sends.map(({ command }) => command.key);
  // Of what the vendor is asked for only the sample knows the keys; it may be due much later.
  const values = { id, phone: order.phone ?? UNREAD, now };
  const ends = 'isLookedUp' in found && found.isLookedUp ? endsOf(placed.sample, values, found.ownId) : [];
  const asked = ends.map(({ key }) => key);
  const before = await recordsOf(target, [...keys, ...asked]);
  if (target.where === 'local') await hold(target, event.held);
  const secret = await sourceSecretOf(target, sourceName);
  const { status, answer } = await deliver(target, `/${placed.template}/${sourceName}`, event, source, secret);
  const isTaken = status === 200;
  const isWaited = isTaken && options.wait;
  const later = sends.filter(({ at }) => at > now);
  const due = sends.filter(({ at }) => at <= now).map(({ command }) => command.key);
  const about = hasId(placed.sample) ? `  id ${id}` : '';
  progress(`${isTaken ? style('green', String(status)) : style('red', String(status))} ${answer}${about}`);
  return {
    id,
    status,
    answer,
    sends: [
      ...(isWaited ? await outcomes(target, due, SEND_MS, before) : []),
      ...(isWaited ? await lookedUp(target, placed.template, asked, LOOK_UP_MS, before) : []),
      ...(isTaken && !isWaited ? [...due, ...asked].map((key) => ({ key, state: 'not waited for' })) : []),
      ...later.map(({ at, command: { key } }) => ({ key, state: 'later', at: new Date(at).toISOString() })),
    ],
  };
};

/** The named client, else the one that "npm start" runs; none where nothing runs. */
const clientToList = async (options: TriggerOptions): Promise<Client | undefined> => {
  if (options.client !== undefined) return readClient(options.client);
  const running = runningClient(options);
  return options.local === undefined ? running.catch(() => undefined) : running;
};

const trigger = async (
  template: string | undefined,
  named: string | undefined,
  sample: string | undefined,
  options: TriggerOptions,
): Promise<void> => {
  if (options.list) {
    const { json, text } = listed(template, named, await clientToList(options));
    return show(options.json, json, text);
  }
  if (template === undefined) throw new WrongInput('Write a template and a source, or --list to see what there is.');
  const sourceName = named ?? ownSourceOf(templateNamed(template))?.[0];
  if (sourceName === undefined) throw new WrongInput(`Write a source of ${template}: --list ${template} shows them.`);
  const placed = chosen(template, sourceName, sample);
  const target =
    options.client === undefined ? await openLocalTarget(options) : await openTarget(options.client, options);
  if (!Object.hasOwn(settingsOf(target.client, template)?.sources ?? {}, sourceName)) {
    throw new WrongInput(`${template} ${sourceName} is not turned on in clients/${target.client.name}.ts.`);
  }
  orWrongInput(() => assertSameId(placed, options.set));
  const source = sourceNamed(template, sourceName);
  // Each event has a number of its own, unless one is named.
  const nextOrder = (): Order => ({
    target,
    placed,
    template: templateNamed(template),
    sourceName,
    source,
    phone: recipientOf(target, placed, options),
  });
  if (options.dry) {
    const order = nextOrder();
    const now = Date.now();
    const { event } = eventFor(order, options, instantOf(options.at, now));
    const { json, text } = shown(order, event, foreseen(order, event, now), now);
    return show(options.json, json, text);
  }
  await askToSend(nextOrder(), options);
  const results: Awaited<ReturnType<typeof once>>[] = [];
  let broken: unknown;
  while (results.length < options.times && broken === undefined) {
    await once(nextOrder(), options).then(
      (result) => results.push(result),
      (error: unknown) => {
        broken = error;
      },
    );
  }
  if (broken !== undefined && results.length === 0) throw broken;
  const lines = results.flatMap(({ sends }) => sends.map(lineOf));
  show(options.json, { template, source: sourceName, sample: placed.name, results }, lines.join('\n') || 'No send.');
  if (broken !== undefined) throw new Failed(`After ${results.length} of ${options.times}: ${messageOf(broken)}`);
  const refused = results.filter(({ status }) => status !== 200).length;
  if (refused > 0)
    throw new Failed(`${refused} of ${results.length} were not taken. Nothing is tried again by this command.`);
};

export const triggerCommand = (): Command =>
  withTarget(new Command('trigger').argument('[template]').argument('[source]').argument('[sample]'))
    .description('send an event as its vendor does, out of the library of samples, signed, and tell what becomes of it')
    .option('--client <name>', 'a client; without it, the one that "npm start" runs')
    .option('--phone <number>', 'the number that is written to; your own where messages really leave')
    .option('--id <id>', "the event's id; the same one again is the same event")
    .option('--at <time>', 'when it happens: an ISO time, or -2h, -3d')
    .option('--set <field=value>', 'another value in the body; may be given several times', addSetting)
    .option('--times <n>', 'so many events, each with an id of its own unless --id is given', wholeNumber(1), 1)
    .option('--dry', 'send nothing: show the request and what would become of it')
    .option('--list', "show the samples, and the client's further sources of each kind")
    .option('--no-wait', 'do not wait for what becomes of it')
    .option('--yes', 'send it without asking, where messages really leave')
    .addHelpText('after', () => examples('trigger --list', ...usual()))
    .action(trigger);

const lineOf = (one: {
  readonly key: string;
  readonly state: string;
  readonly reason?: string;
  readonly at?: string;
  readonly before?: true;
}): string =>
  [one.state, one.reason, one.at, one.key, one.before && '(was so before: the same event again, and nothing new)']
    .filter(Boolean)
    .join('  ');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'it failed');

/** One example of each template. */
const usual = (): readonly string[] => {
  const all = library();
  const templates = [...new Set(all.map(({ template }) => template))];
  const firsts = templates.flatMap((template) => all.find((one) => one.template === template) ?? []);
  return firsts.map(({ template, source, name }, i) =>
    ['trigger', template, source, name, ['--times 3', '--phone +972501234567', '--dry'][i]].filter(Boolean).join(' '),
  );
};

const addSetting = (text: string, before: readonly Setting[] = []): readonly Setting[] => [
  ...before,
  orWrongInput(() => settingOf(text)),
];
