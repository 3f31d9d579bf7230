import type { OwnSettings } from '../../functions/shared/door/whose.ts';
import type { Event } from '../../local/samples/event.ts';
import { SampleError } from '../../local/samples/sample.ts';
import { withFields } from '../../local/samples/set-fields.ts';
import type { AnySource } from '../target/registry.ts';

/** Some samples of a kind bring a body without the field. */
const withField = (body: string, type: string, field: string, value: string): string => {
  try {
    return withFields(body, type, [{ field, value }]);
  } catch (error) {
    if (error instanceof SampleError) return body;
    throw error;
  }
};

/** An event as one of the client's own: it says that it comes from where the client's events come from. */
export const asOwn = (event: Event, { origin }: AnySource, { origin: [place] = [] }: OwnSettings): Event => {
  if (!origin || place === undefined) return event;
  const { headers, body } = event;
  const said = origin.headers?.filter((name) => name in headers).map((name) => [name, place]) ?? [];
  const type = headers['content-type'] ?? 'application/json';
  return {
    ...event,
    headers: { ...headers, ...Object.fromEntries(said) },
    body: origin.field === undefined ? body : withField(body, type, origin.field, place),
  };
};
