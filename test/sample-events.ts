import type { Sources } from '../functions/shared/door/source.ts';
import { eventOf } from '../local/samples/event.ts';
import { sampleNamed } from '../local/samples/library.ts';

/** When every sample happens that a test reads by itself. */
export const SAMPLE_AT = Date.parse('2026-11-22T10:00:00Z');

/** All that a source reads in one of its samples, with the sample's own id and +972501234567, as JSON holds it. */
export const parsedSample = (
  template: string,
  sources: Sources<unknown>,
  source: string,
  name: string,
  settings: object = {},
): unknown => {
  const { sample } = sampleNamed(template, source, name);
  const { headers, body } = eventOf(sample, { id: sample.id, phone: '+972501234567', now: SAMPLE_AT });
  const request = { method: 'POST', headers, query: {}, raw: Buffer.from(body), receivedAt: SAMPLE_AT };
  const own = sources[source];
  return JSON.parse(JSON.stringify(own?.parse(request, own.settings.parse(settings))));
};
