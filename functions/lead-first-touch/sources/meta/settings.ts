import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { formSettings } from '../../form-settings.ts';

/**
 * As the Graph API has it, it is there until 2028-02-18 (https://developers.facebook.com/docs/graph-api/changelog/versions/). Lead ads are
 * of the Marketing API, which ends its own earlier, and then answers as the next one does or not at all:
 * https://developers.facebook.com/documentation/ads-commerce/marketing-api/marketing-api-changelog/versions
 */
export const GRAPH_API = 'v24.0';
export const MARKETING_API_ENDS = '2026-11-10';

export const settings = z.strictObject({
  ...formSettings,
  graphApi: z._default(outsideUrl, 'https://graph.facebook.com'),
  apiVersion: z._default(z.string().check(z.regex(/^v\d{2}\.\d$/, 'write a version such as v24.0')), GRAPH_API),
});

export type MetaSettings = z.infer<typeof settings>;
