import type { Source } from '../shared/door/source.ts';
import type { Lead } from './schema.ts';
import { custom } from './sources/custom.ts';
import { form } from './sources/form.ts';
import { googleAds } from './sources/google-ads.ts';
import { meta } from './sources/meta.ts';
import { typeform } from './sources/typeform.ts';
import { webflow } from './sources/webflow.ts';

/** By the name in the route. */
// biome-ignore lint/suspicious/noExplicitAny: each source has settings and references of its own, which only it reads
export const sources: Readonly<Record<string, Source<Lead, any, any>>> = {
  custom,
  form,
  'google-ads': googleAds,
  meta,
  typeform,
  webflow,
};
