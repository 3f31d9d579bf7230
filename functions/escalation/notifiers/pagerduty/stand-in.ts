import type { NotifierStandIn } from '../../../../local/sandbox/notifier.ts';
import type { notifier } from './notifier.ts';

/** PagerDuty's Events API: an event whose key is open already is a part of that alert. */
export const standIn: NotifierStandIn<typeof notifier> = {
  answer: ({ body }) => [202, { status: 'success', dedup_key: body.dedup_key }],
  connection: (api) => ({ settings: { api }, secret: 'routing-key' }),
  onceBy: ({ body }) => body.dedup_key,
  formatsIn: () => [],
};
