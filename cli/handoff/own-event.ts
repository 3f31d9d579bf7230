import { kindOf } from '../../functions/shared/door/kinds.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { Invalid } from '../../functions/shared/runtime/errors.ts';
import { settingsOf } from '../../lib/client.ts';
import { eventOf, signedEvent } from '../../local/samples/event.ts';
import { sampleNames } from '../../local/samples/library.ts';
import { ownSourceOf, templateNamed } from '../target/registry.ts';
import { chosen } from '../trigger/choose.ts';
import { type Preview, previewOf } from '../trigger/preview.ts';
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

const isMessage = ({ planned }: OwnEvent): boolean => planned !== undefined && isRequest(planned.command.outcome);

/** What the door would refuse leads to none. */
const firstSend = (preview: () => Preview): PlannedSend | undefined => {
  try {
    return preview().sends[0];
  } catch (error) {
    if (error instanceof Invalid) return undefined;
    throw error;
  }
};

/** Undefined where the client does not have the template, or its own source turned off. */
export const ownEvent = (run: Run, template: string, id: string): OwnEvent | undefined => {
  const { client } = run.target;
  const declared = templateNamed(template);
  const [kind, source] = ownSourceOf(declared) ?? [];
  const name = Object.keys(settingsOf(client, template)?.sources ?? {}).find(
    (one) => kindOf(declared.sources, one) === kind,
  );
  if (name === undefined || !source) return undefined;
  const now = Date.now();
  const secret = { current: source.newSecret?.() ?? 'composed-only' };
  const tried = (named: string | undefined): OwnEvent => {
    const { name: sample, sample: body } = chosen(template, name, named);
    const event = eventOf(body, { id, phone: run.to ?? NOBODY, now });
    const request = signedEvent(event, source, secret, new Date(now));
    const planned = firstSend(() =>
      previewOf(client, { name: template, template: declared }, { name, source }, request, now),
    );
    const isRepeatable = planned !== undefined && planned.at <= now && !declared.oncePerPerson;
    return { template, source: name, sample, id, body: event.body, planned, isRepeatable };
  };
  const usual = tried(undefined);
  // The usual one may tell what this client does not.
  const others = isMessage(usual) ? [] : sampleNames(template, kind ?? name).map(tried);
  return others.find(isMessage) ?? usual;
};
