import { kindOf } from '../../functions/shared/door/kinds.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import { settingsOf } from '../../lib/client.ts';
import { eventOf, signedEvent } from '../../local/samples/event.ts';
import { ownSourceOf, templateNamed } from '../target/registry.ts';
import { chosen } from '../trigger/choose.ts';
import { previewOf } from '../trigger/preview.ts';
import type { Run } from './run.ts';

/** Whoever is nobody: a number to compose with where nothing is sent. */
const NOBODY = '+972501234567';

/** One of a template's own events, out of its samples. */
export interface OwnEvent {
  readonly template: string;
  readonly source: string;
  readonly sample: string;
  readonly id: string;
  readonly body: string;
  /** The first message that comes of it. */
  readonly planned: PlannedSend | undefined;
  /** Other events about the same person make messages too, and at once: it can be tried again and again. */
  readonly isRepeatable: boolean;
}

/** Undefined where the client does not have the template, or its own source turned off. */
export const ownEvent = (run: Run, template: string, id: string): OwnEvent | undefined => {
  const { client } = run.target;
  const declared = templateNamed(template);
  const [kind, source] = ownSourceOf(declared) ?? [];
  const name = Object.keys(settingsOf(client, template)?.sources ?? {}).find(
    (one) => kindOf(declared.sources, one) === kind,
  );
  if (name === undefined || !source) return undefined;
  const { name: sample, sample: body } = chosen(template, name, undefined);
  const now = Date.now();
  const event = eventOf(body, { id, phone: run.to ?? NOBODY, now });
  const secret = { current: source.newSecret?.() ?? 'composed-only' };
  const request = signedEvent(event, source, secret, new Date(now));
  const { sends } = previewOf(client, { name: template, template: declared }, { name, source }, request, now);
  const [planned] = sends;
  const isRepeatable = planned !== undefined && planned.at <= now && !declared.oncePerPerson;
  return { template, source: name, sample, id, body: event.body, planned, isRepeatable };
};
