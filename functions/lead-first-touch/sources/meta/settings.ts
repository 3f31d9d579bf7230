import * as z from 'zod/mini';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { formSettings } from '../../form-settings.ts';

export const settings = z.strictObject({
  ...formSettings,
  graphApi: z._default(outsideUrl, 'https://graph.facebook.com'),
  apiVersion: z._default(z.string().check(z.regex(/^v\d{2}\.\d$/, 'write a version such as v24.0')), 'v24.0'),
});

export type MetaSettings = z.infer<typeof settings>;
