import * as z from 'zod/mini';
import { kindOf } from './kinds.ts';
import type { Sources } from './source.ts';

type Schemas = Sources<unknown>;

const DATE = /^\d{4}-\d\d-\d\d$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** 30 February would silently become 2 March. */
const isMoment = (text: string): boolean => {
  const day = text.slice(0, 10);
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true;
  return isDay && (DATE.test(text) || (INSTANT.test(text) && !Number.isNaN(Date.parse(text))));
};

/** A day, which begins at midnight in the client's zone, or an instant. */
const moment = z
  .string()
  .check(z.refine(isMoment, 'write a date such as 2026-12-01, or a time with its zone such as 2026-12-01T08:30Z'));

const filled = z.string().check(z.trim(), z.minLength(1));

/** What may be said of every source, beside the settings of its kind. */
const common = {
  /** Keeps its ids apart from those of the template's other sources. */
  idPrefix: z.optional(
    z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,15}$/, 'write lower-case letters, digits and hyphens, at most 16')),
  ),
  /** What began before, such as an order that was placed, goes on without the prefix. */
  idPrefixSince: z.optional(moment),
  /** What happened before is recorded and not sent. */
  since: z.optional(moment),
  /** Where its events come from: what says that it is from elsewhere is recorded and not worked on. */
  origin: z.optional(
    z.union([filled, z.array(filled).check(z.minLength(1))], {
      error: "write where its events come from as text in quotes, a list of several, or 'any'",
    }),
  ),
};

/** What a client file may write of a source beside the settings of its kind. */
export interface Common {
  readonly idPrefix?: string | undefined;
  readonly idPrefixSince?: string | undefined;
  readonly since?: string | undefined;
  readonly origin?: string | readonly string[] | undefined;
}

type Kinds<All> = keyof All & string;
/** Kinds of the sources whose names begin like further ones of this kind: `form-x` may be a kind of its own. */
type Likely<All, Kind extends string> = Kind | (Kinds<All> & `${Kind}-${string}`);
/** Where there is nothing to say, zod's type would let nothing stand beside it. */
type Beside<Settings> = (Settings extends Readonly<Record<string, never>> ? unknown : Settings) & Common;
interface Own<Settings, Kind> {
  readonly plain: Beside<Settings> & { readonly kind?: Kind | undefined };
  readonly further: Beside<Settings> & { readonly kind: Kind };
}
type Named<All, Of extends { readonly [Kind in Kinds<All>]: Own<unknown, unknown> }> = {
  readonly [Kind in Kinds<All>]?: Of[Kind]['plain'] | undefined;
} & {
  readonly [Kind in Kinds<All> as `${Kind}-${string}`]?:
    | { readonly [Other in Likely<All, Kind>]: Of[Other]['further'] }[Likely<All, Kind>]
    | { readonly [Other in Kinds<All> & `${Kind}-${string}`]: Of[Other]['plain'] }[Kinds<All> & `${Kind}-${string}`]
    | undefined;
};

/** What a client file may say of the sources of a template. */
type Written<All extends Schemas> = Named<All, { [Kind in Kinds<All>]: Own<z.input<All[Kind]['settings']>, Kind> }>;
type Read<All extends Schemas> = Named<All, { [Kind in Kinds<All>]: Own<z.output<All[Kind]['settings']>, Kind> }>;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME = 40;

/**
 * The `sources` of a template's slice of the client file: each kind turned on with its own settings, or left out, and further ones of
 * a kind as `'<kind>-<anything>': { kind: '<kind>', … }`.
 */
export const sourcesSchema = <All extends Schemas>(sources: All) => {
  const kinds = Object.keys(sources);
  const wrongKind = (kind: string) => `under this name the kind is ${kind}: leave it out, or write another name`;
  const plain = Object.entries(sources).map(([kind, { settings }]) => {
    const own = z.optional(z.literal(kind, { error: wrongKind(kind) }));
    return [kind, z.optional(z.extend(settings, { kind: own, ...common }))];
  });
  const further = Object.entries(sources).map(([kind, { settings }]) =>
    z.extend(settings, { kind: z.literal(kind), ...common }),
  );
  const unknown = {
    error: `there is no such source. There are: ${kinds.join(', ')}. A further one of a kind is called '<kind>-<anything>' and says which: { kind: '<kind>', … }`,
  };
  return z
    .catchall(z.object(Object.fromEntries(plain)), z.discriminatedUnion('kind', further as never, unknown))
    .check((context) => {
      for (const [name, { kind }] of Object.entries(context.value as Record<string, { kind?: string }>)) {
        if (Object.hasOwn(sources, name)) continue;
        const message =
          kindOf(sources, name) !== kind
            ? `begin the name with the kind: '${kind}-${name}'`
            : !NAME.test(name) || name.length > MAX_NAME
              ? `write lower-case letters and digits, with hyphens between, at most ${MAX_NAME}`
              : undefined;
        if (message) context.issues.push({ code: 'custom', input: name, path: [name], message });
      }
    }) as unknown as z.ZodMiniType<Read<All>, Written<All>>;
};
