import type { Sources } from '../functions/shared/door/source.ts';
import type { FormAnswer } from '../functions/shared/wording/form-answer.ts';
import { eventOf } from '../local/samples/event.ts';
import { sampleNamed } from '../local/samples/library.ts';

/** When every sample happens that a test reads by itself. */
export const SAMPLE_AT = Date.parse('2026-11-22T10:00:00Z');

/** All that a source reads in one of its samples, with the sample's own id and +972501234567, as JSON holds it. */
const readIn = (
  template: string,
  sources: Sources<unknown>,
  source: string,
  name: string,
  settings: object = {},
): string => {
  const { since: _, origin: __, ...ofItsKind } = settings as { since?: string; origin?: string };
  const { sample } = sampleNamed(template, source, name);
  const { headers, body } = eventOf(sample, { id: sample.id, phone: '+972501234567', now: SAMPLE_AT });
  // Of a post without a secret less is believed.
  const proven = { 'x-ezw-secret': 'shown-at-the-door', ...headers };
  const request = { method: 'POST', headers: proven, query: {}, raw: Buffer.from(body), receivedAt: SAMPLE_AT };
  const own = sources[source];
  return JSON.stringify(own?.parse(request, own.settings.parse(ofItsKind)));
};

/** The same without the answers of its form, of which there may be many, and without where it comes from. */
export const parsedSample = (...sample: Parameters<typeof readIn>): unknown =>
  JSON.parse(readIn(...sample), (key, value) => (key === 'answers' || key === 'origin' ? undefined : value));

/** The answers of its form alone. */
export const answersInSample = (...sample: Parameters<typeof readIn>): readonly FormAnswer[] | undefined => {
  const [first] = JSON.parse(readIn(...sample)) as { event?: { answers?: readonly FormAnswer[] } }[];
  return first?.event?.answers;
};
