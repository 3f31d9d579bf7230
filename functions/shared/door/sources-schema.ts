import * as z from 'zod/mini';
import type { Sources } from './source.ts';

type Schemas = Sources<unknown>;
/** What a client file may say of the sources of a template. */
type Written<All extends Schemas> = { readonly [Name in keyof All]?: z.input<All[Name]['settings']> | undefined };
type Read<All extends Schemas> = { readonly [Name in keyof All]?: z.output<All[Name]['settings']> | undefined };

/** The `sources` of a template's slice of the client file: each of its sources turned on with its own settings, or left out. */
export const sourcesSchema = <All extends Schemas>(sources: All) =>
  z.strictObject(
    Object.fromEntries(Object.entries(sources).map(([name, { settings }]) => [name, z.optional(settings)])),
  ) as unknown as z.ZodMiniType<Read<All>, Written<All>>;
