import { amended } from '../secrets/entry.ts';
import { readEntry, writeEntry } from '../secrets/store.ts';
import { commandOn } from '../target/command.ts';
import { readClient } from '../target/project.ts';
import { openTarget } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed } from '../terminal/errors.ts';
import type { TargetOptions } from '../terminal/options.ts';
import { progress, show } from '../terminal/output.ts';
import { type Comparison, isDone, isHealthy } from './compare.ts';
import { askLogins, look, type Opened, openPlace, told, toolsOf, weigh } from './look.ts';
import { forgetNote, given, keepNote } from './note.ts';
import { placeNamed } from './place.ts';
import { asJson, describe, nameOf, plan } from './words.ts';

export interface SourceOptions extends TargetOptions {
  readonly template?: string;
}

export interface ConnectOptions extends SourceOptions {
  readonly keep?: true;
  readonly login?: true;
  readonly again?: true;
  readonly yes?: true;
}

type Tools = ReturnType<typeof toolsOf>;

/** The secret that signs, made where there is none and it is ours to choose. */
const withSecret = (opened: Opened): Opened => {
  const { connection, secret, target, place } = opened;
  if (secret.current !== '') return opened;
  const current = connection.newSecret?.();
  if (current !== undefined) return { ...opened, secret: { ...secret, current } };
  const todo = commandOn(target, 'secrets set', `sources.${place.source}`);
  throw new Failed(`No secret is stored, and it is ${connection.vendor}'s to make: ${todo}.`);
};

/**
 * What is new is stored before the vendor hears of it: a door without a secret asks every event to come again. A secret that
 * somebody stored or rotated since it was read stays.
 */
const store = async ({ target, place, secret }: Opened, login: Readonly<Record<string, string>>): Promise<void> => {
  const named = { secret: 'sources', field: place.source } as const;
  await writeEntry(target, named, amended(await readEntry(target, named), secret.current, login));
};

/** Each step is told and noted as it is done, so that what breaks off is known. */
const apply = async (opened: Opened, tools: Tools, { each, surplus }: Comparison): Promise<void> => {
  const { connection, target, place, secret, note } = opened;
  const done: string[] = [];
  const step = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const result = await told(work, opened).catch((error: unknown): never => {
      if (!(error instanceof Failed) || done.length === 0) throw error;
      throw new Failed(
        `${error.message} Before that: ${done.join(', ')}. Run the command again: it goes on from there.`,
      );
    });
    done.push(what);
    progress(what);
    return result;
  };
  const removeSurplus = async (): Promise<void> => {
    for (const one of surplus) await step(`removed ${one.id}`, connection.unsubscribe(tools, one));
  };
  // Last, so that something tells of events whatever fails, but where the vendor takes no second one.
  if (connection.refusesTwo) await removeSurplus();
  let known = note?.given ?? {};
  for (const { wanted, found, faults, hints } of each) {
    if (faults.length + hints.length === 0) continue;
    const what = `${found ? 'mended' : 'made'} ${nameOf(wanted)}`;
    const id = await step(what, connection.subscribe(tools, wanted, found));
    if (!id) continue;
    known = { ...known, ...given([{ key: wanted.key, id }], secret) };
    await keepNote(target, place, { address: tools.address, given: known });
  }
  if (!connection.refusesTwo) await removeSurplus();
};

/** With all of them to be made anew, for whoever does not trust what is shown. */
const mistrusted = (found: Comparison): Comparison => ({
  ...found,
  each: found.each.map((one) => ({ ...one, hints: [...one.hints, 'asked for again'] })),
});

export const connect = async (clientName: string, source: string, options: ConnectOptions): Promise<void> => {
  // What is wrong in the question is told before anything is asked for it.
  const place = placeNamed(await readClient(clientName), source, options.template);
  const target = await openTarget(clientName, options);
  const stored = await openPlace(target, place, options.login);
  const opened = withSecret(stored);
  const { vendor, unlisted } = opened.connection;
  const login = await askLogins(stored);
  const tools = await told(Promise.resolve().then(() => toolsOf(opened, login)));
  const seen = await told(look(stored, tools), stored);
  const before = options.again ? mistrusted(seen) : seen;
  const isNew = stored.secret.current === '';
  const keeps = options.keep === true && stored.asks.length > 0;
  const outcome = { client: clientName, template: place.template, source, vendor, address: tools.address };
  if (isDone(before) && !isNew && !keeps) {
    // So that doctor knows what is gone one day.
    if (stored.note?.address !== tools.address)
      await keepNote(target, place, { address: tools.address, given: stored.note?.given ?? {} });
    return show(
      options.json,
      { ...outcome, changed: false, healthy: true, ...asJson(before) },
      [`${tools.address} at ${vendor}`, ...describe(before), 'Nothing to do.'].join('\n'),
    );
  }
  progress(
    [
      `${tools.address} at ${vendor}`,
      ...describe(before),
      ...(unlisted && before.each.some(({ found }) => !found)
        ? [`! ${unlisted}: where there are such ones, events come twice.`]
        : []),
      '',
      ...plan(before),
      ...(isNew ? ['make and store a secret that signs'] : []),
      ...(keeps ? [`store ${stored.asks.map(({ field }) => field).join(', ')} beside the secret`] : []),
    ].join('\n'),
  );
  await askConsent(`Change this at ${vendor}?`, options.yes);
  if (isNew || keeps) await store(opened, keeps ? login : {});
  // What was rotated meanwhile is what counts.
  const kept = await openPlace(target, place);
  const now = toolsOf(kept, login);
  const isOther = kept.secret.current !== opened.secret.current;
  await apply({ ...kept, asks: stored.asks }, now, isOther && !options.again ? await told(look(kept, now)) : before);
  const list = await told(kept.connection.list(now));
  const there = weigh(kept, now, list).each.flatMap(({ found }) => found ?? []);
  const note = await keepNote(target, place, { address: now.address, given: given(there, kept.secret) });
  const after = weigh({ ...kept, note }, now, list);
  const healthy = isHealthy(after);
  const hint = stored.asks.length > 0 && !keeps ? [`With --keep ${vendor} would be looked at by "doctor" too.`] : [];
  show(
    options.json,
    { ...outcome, changed: true, healthy, ...asJson(after) },
    [`${tools.address} at ${vendor}`, ...describe(after), ...hint].join('\n'),
  );
  if (!healthy) process.exitCode = 1;
};

export const disconnect = async (clientName: string, source: string, options: ConnectOptions): Promise<void> => {
  const place = placeNamed(await readClient(clientName), source, options.template);
  const target = await openTarget(clientName, options);
  const opened = await openPlace(target, place);
  const { vendor } = opened.connection;
  const tools = await told(askLogins(opened).then((login) => toolsOf(opened, login)));
  const { each, surplus } = await told(look(opened, tools), opened);
  // What was made last goes first: a page of Meta's is known as ours by its app.
  const ours = [...each.flatMap(({ found }) => found ?? []), ...surplus].reverse();
  const outcome = { client: clientName, template: place.template, source, vendor, address: tools.address };
  if (ours.length > 0) {
    progress(
      `To be removed at ${vendor}: ${ours.map(({ id, key }) => [id, key].filter(Boolean).join(' ')).join(', ')}`,
    );
    await askConsent(`No event comes to ${tools.address} any more. Go on?`, options.yes);
    const none = { each: [], similar: [], elsewhere: [] };
    await apply(opened, tools, { ...none, surplus: ours });
    await forgetNote(target, place);
  }
  const said =
    ours.length === 0
      ? 'Nothing to do: there is none of this address.'
      : `${ours.length} removed. Take ${source} out of the client file, or "doctor" goes on asking for it.`;
  show(options.json, { ...outcome, removed: ours.map(({ id }) => id) }, said);
};
