import { randomBytes, randomInt } from 'node:crypto';
import { kindOf } from '../../functions/shared/door/kinds.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { settingsOf, turnedOn } from '../../lib/client.ts';
import { type Event, eventOf, hasPhone, ownHeaders } from '../../local/samples/event.ts';
import { type Placed, sampleNamed, sampleNames } from '../../local/samples/library.ts';
import { idLike } from '../../local/samples/render.ts';
import { fieldsOf, readSecret } from '../secrets/store.ts';
import { typedOn } from '../target/command.ts';
import { type AnySource, type AnyTemplate, sourceNamed, templateNamed } from '../target/registry.ts';
import type { Target } from '../target/target.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { time } from '../terminal/output.ts';
import { asOwn } from '../trigger/own-origin.ts';
import { previewOf, settingsIn } from '../trigger/preview.ts';

/** In place of a customer's name, and before the id: nobody takes it for somebody's. */
const TEST = 'TEST';
/** What the library calls everybody. */
const NAMED = /\bDana\b/g;

/** An event that becomes one message at once, to one's own number. */
export interface TestEvent {
  readonly template: string;
  /** By its name in the client file. */
  readonly sourceName: string;
  readonly source: AnySource;
  readonly sample: string;
  readonly id: string;
  readonly event: Event;
  /** Of its message. */
  readonly key: string;
  /** For how long a conversation with its person must have rested. ISO 8601 duration. */
  readonly quietFor: string | undefined;
}

interface Place {
  readonly template: string;
  readonly declared: AnyTemplate;
  readonly sourceName: string;
  readonly source: AnySource;
}

/** A message to this number, now or later; or that its source is asked for the rest. What the door would refuse leads to none. */
const messageOf = (
  client: Target['client'],
  { template, declared, sourceName, source }: Place,
  event: Event,
  to: string,
  now: number,
): PlannedSend | 'asked' | undefined => {
  const of = { name: template, template: declared };
  const request = { headers: ownHeaders(event.headers), body: event.body };
  try {
    const { sends, isLookedUp } = previewOf(client, of, { name: sourceName, source }, request, now);
    if (isLookedUp) return 'asked';
    const ours = sends.filter(({ command: { outcome } }) => isRequest(outcome) && JSON.parse(outcome.body).to === to);
    return ours.find(({ at }) => at <= now) ?? ours[0];
  } catch (error) {
    if ((error as Error).name === 'Invalid') return undefined;
    throw error;
  }
};

/** Samples that say themselves whom they are about, the usual one first. */
const samplesOf = ({ template, declared, sourceName }: Place): readonly Placed[] => {
  const kind = kindOf(declared.sources, sourceName) ?? sourceName;
  const all = sampleNames(template, kind).map((name) => sampleNamed(template, kind, name));
  const complete = all.filter(
    ({ sample }) =>
      sample.held.length === 0 && hasPhone(sample) && sample.ends.some(({ state }) => state === 'ACCEPTED'),
  );
  return complete.sort((a, b) => Number(b.sample.isUsual ?? false) - Number(a.sample.isUsual ?? false));
};

/** What would come of a place's events, where nothing comes at once. */
interface Otherwise {
  readonly place: Place;
  readonly sample: string;
  /** Epoch milliseconds at which it would leave; undefined where the source is asked for the rest. */
  readonly at: number | undefined;
}

const eventAt = (
  client: Target['client'],
  place: Place,
  to: string,
  now: number,
  otherwise: Otherwise[],
): TestEvent | undefined => {
  const { template, sourceName, source } = place;
  const { settings } = settingsIn(client, template, sourceName);
  for (const { name, sample } of samplesOf(place)) {
    // Where an id must be a number, the name alone says what it is.
    for (const id of [`${TEST}-${randomBytes(4).toString('hex')}`, idLike(sample.id, () => randomInt(1e6) / 1e6)]) {
      const made = eventOf(sample, { id, phone: to, now });
      const event = asOwn({ ...made, body: made.body.replace(NAMED, TEST) }, source, settings);
      const planned = messageOf(client, place, event, to, now);
      if (planned === 'asked') otherwise.push({ place, sample: name, at: undefined });
      else if (planned && planned.at > now) otherwise.push({ place, sample: name, at: planned.at });
      if (!planned || planned === 'asked' || planned.at > now) continue;
      const { key, quietFor } = planned.command;
      return { template, sourceName, source, sample: name, id, event, key, quietFor };
    }
  }
  return undefined;
};

/** Later than its message is due, though the event is made some minutes after this was said. */
const MARGIN_MS = 3600_000;

/** What can be done where no message leaves at once. */
const whatElse = (target: Target, otherwise: readonly Otherwise[]): string => {
  const { client, where, url } = target;
  const later = otherwise.find(({ at }) => at !== undefined);
  if (later?.at !== undefined) {
    const { place, sample, at } = later;
    const made = ['trigger', place.template, place.sourceName, sample, '--client', client.name, '--phone <your own>'];
    const now = new Date(at + MARGIN_MS).toISOString();
    const then =
      where === 'local'
        ? `; then move the clock: curl -X POST ${url}/_local/clock -d '{"now":"${now}"}'`
        : '; it leaves by itself then';
    return `reminders come later. ${typedOn(target, ...made)} makes one that is due at about ${time(at)}${then}.`;
  }
  if (otherwise.length > 0) {
    const templates = [...new Set(otherwise.map(({ place }) => place.template))];
    return `its sources are asked for the rest, and know of no made-up event. Turn the own source of ${templates.join(' or ')} on, or let it happen at the vendor.`;
  }
  return 'all that can be made up is refused for it. Is its country among "countries"? Else try another --to or --template.';
};

/** The templates to try: those first that may be tried again and again. @throws WrongInput */
const templatesOf = ({ client }: Target, named: string | undefined): readonly string[] => {
  if (named === undefined) {
    const rank = (name: string): number => (templateNamed(name).oncePerPerson ? 1 : 0);
    return turnedOn(client)
      .map(([name]) => name)
      .sort((a, b) => rank(a) - rank(b));
  }
  templateNamed(named);
  if (settingsOf(client, named)) return [named];
  throw new WrongInput(`${named} is not turned on in clients/${client.name}.ts.`);
};

/**
 * An event of our own, else of a source whose secret is stored, else one that at least says which secret is missing.
 * @throws WrongInput for a template that is none, Failed where nothing can be tried
 */
export const testEvent = async (
  target: Target,
  { template: named, to }: { readonly template?: string | undefined; readonly to: string },
): Promise<TestEvent> => {
  const { client } = target;
  const templates = templatesOf(target, named);
  const stored = fieldsOf(await readSecret(target, 'sources'));
  const places = templates.flatMap((template): readonly Place[] =>
    Object.keys(settingsOf(client, template)?.sources ?? {}).map((sourceName) => ({
      template,
      declared: templateNamed(template),
      sourceName,
      source: sourceNamed(template, sourceName),
    })),
  );
  const isStored = ({ sourceName }: Place): boolean => Boolean(stored[sourceName]);
  const isOurs = ({ source }: Place): boolean => source.isOurs === true;
  const order = [
    ...places.filter((one) => isStored(one) && isOurs(one)),
    ...places.filter((one) => isStored(one) && !isOurs(one)),
    ...places.filter((one) => !isStored(one)),
  ];
  const now = Date.now();
  const otherwise: Otherwise[] = [];
  for (const place of order) {
    const found = eventAt(client, place, to, now, otherwise);
    if (found) return found;
  }
  const what = named ?? `what clients/${client.name}.ts turns on`;
  throw new Failed(
    `Of ${what} no event can be made up that becomes a message to this number at once: ${whatElse(target, otherwise)}`,
  );
};
