import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import * as z from 'zod/mini';
import { AWS_CLIENT, bounded } from '../../../shared/runtime/aws.ts';
import { alertLines } from '../../alert.ts';
import type { Notifier } from '../../notifier.ts';

const emailAddress = z.email({ error: 'write an e-mail address' });

const settings = z.strictObject({
  from: emailAddress,
  to: z.array(emailAddress).check(z.minLength(1), z.maxLength(50)),
  /** The verified domain, where the sender's address itself is not verified. */
  identity: z.optional(z.string().check(z.minLength(1))),
});

/** As long as the other notifiers have: a mail that is given up too soon has been sent, and is sent again. */
const MAIL_MS = 10_000;
const PATIENT = { ...AWS_CLIENT.requestHandler, requestTimeout: MAIL_MS, socketTimeout: MAIL_MS };

let client: SESv2Client | undefined;

/**
 * E-mail, by SES. It keeps nothing once, so it is tried once per call: the SDK's own retries could send a mail twice. A mail that
 * may have been sent carries the alert's id in a header of its own.
 */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: { from: 'alerts@agency.example', to: ['team@agency.example'] },
  mailIdentity: ({ identity, from }) => identity ?? from,
  async send(alert, { from, to }) {
    client ??= bounded(new SESv2Client({ ...AWS_CLIENT, maxAttempts: 1, requestHandler: PATIENT }), MAIL_MS);
    const text = [alert.title, '', ...alertLines(alert), '', alert.link].join('\n');
    await client.send(
      new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: to },
        Content: {
          Simple: {
            Subject: { Data: `[${alert.severity}] ${alert.title}`.replace(/[\r\n]+/g, ' '), Charset: 'UTF-8' },
            Body: { Text: { Data: text, Charset: 'UTF-8' } },
            Headers: [{ Name: 'X-Event-Id', Value: alert.id }],
          },
        },
      }),
    );
  },
};
