import type { NotifierStandIn } from '../../../../local/sandbox/notifier.ts';
import type { notifier } from './notifier.ts';

/** SES: it takes every mail, and keeps nothing once. */
export const standIn: NotifierStandIn<typeof notifier> = {
  at: 'ses',
  fault: 'mail',
  answer: (_, nth) => [200, { MessageId: `mail-${nth}` }],
  connection: (base) => ({
    settings: { from: 'alerts@agency.example', to: ['team@agency.example'] },
    environment: { AWS_ENDPOINT_URL_SESV2: base },
  }),
  formatsIn: ({ body }) => Object.keys(body.Content.Simple.Body).filter((part) => part !== 'Text'),
};
