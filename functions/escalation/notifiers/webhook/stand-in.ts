import type { NotifierStandIn } from '../../../../local/sandbox/notifier.ts';
import type { notifier } from './notifier.ts';

/** A system of the client's own behind Standard Webhooks, which keeps each `webhook-id` once. */
export const standIn: NotifierStandIn<typeof notifier> = {
  answer: () => [200, { ok: true }],
  connection: (url) => ({ settings: { url }, secret: 'whsec_V4UrLAhFfaWG4EvjgE43fsguS1oUG1iGhDr5fh4BEEk=' }),
  onceBy: ({ headers }) => headers['webhook-id'],
  formatsIn: () => [],
};
