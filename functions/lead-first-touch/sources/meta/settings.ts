import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { formSettings } from '../../form-settings.ts';

/**
 * Lead ads are of the Marketing API, which ends a version earlier than the Graph API does, and then answers as the next one or not at all:
 * of v24.0 on 10 November 2026. Of this one no day is named yet.
 * https://developers.facebook.com/documentation/ads-commerce/marketing-api/marketing-api-changelog/versions
 */
export const GRAPH_API = 'v25.0';

export const settings = z.strictObject({
  ...formSettings,
  graphApi: z._default(outsideUrl, 'https://graph.facebook.com'),
  apiVersion: z._default(z.string().check(z.regex(/^v\d{2}\.\d$/, 'write a version such as v25.0')), GRAPH_API),
});

export type MetaSettings = z.infer<typeof settings>;
