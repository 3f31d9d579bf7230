import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import * as z from 'zod/mini';
import { AWS_CLIENT, bounded } from '../../../shared/runtime/aws.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import { LEAST_MS, OUTCOME_MS } from '../../../shared/runtime/http.ts';
import { within } from '../../../shared/runtime/in-time.ts';
import { shownWords } from '../../../shared/runtime/shown-words.ts';
import { alertLines, linkLines } from '../../alert.ts';
import type { Notifier } from '../../notifier.ts';

const emailAddress = z.email({ error: 'write an e-mail address' });

const settings = z.strictObject({
  from: emailAddress,
  to: z.array(emailAddress).check(z.minLength(1), z.maxLength(50)),
  /** The verified domain, where the sender's address itself is not verified. */
  identity: z.optional(z.string().check(z.minLength(1))),
});

/** As long as the other notifiers have: a mail that is given up too soon has been sent, and is sent again. */
export const MAIL_MS = 10_000;
export const PATIENT = {
  ...AWS_CLIENT,
  maxAttempts: 1,
  requestHandler: { ...AWS_CLIENT.requestHandler, requestTimeout: MAIL_MS, socketTimeout: MAIL_MS },
};

let client: SESv2Client | undefined;

interface Mail {
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
}

const mail = async ({ id, from, to, replyTo, subject, text }: Mail): Promise<void> => {
  if (within(MAIL_MS, OUTCOME_MS) < LEAST_MS) throw new Unavailable('no_time_left', 'The invocation is about to end.');
  client ??= bounded(new SESv2Client(PATIENT), MAIL_MS, OUTCOME_MS);
  await client.send(
    new SendEmailCommand({
      FromEmailAddress: from,
      Destination: { ToAddresses: [...to] },
      ...(replyTo !== undefined && { ReplyToAddresses: [replyTo] }),
      Content: {
        Simple: {
          Subject: { Data: subject.replace(/[\r\n]+/g, ' '), Charset: 'UTF-8' },
          Body: { Text: { Data: text, Charset: 'UTF-8' } },
          Headers: [{ Name: 'X-Event-Id', Value: id }],
        },
      },
    }),
  );
};

/** Its own answer that it will not take a mail, and not that there are too many just now. */
const isRefusal = (error: unknown): boolean => {
  const { $metadata, name } = error as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly name?: string;
  };
  const { httpStatusCode: status = 500 } = $metadata ?? {};
  return status >= 400 && status < 500 && status !== 408 && status !== 429 && !/Throttl|LimitExceeded/.test(name ?? '');
};

/** @param words what no refusal may repeat */
const orRefused = async (sent: Promise<void>, words: readonly unknown[]): Promise<void> => {
  try {
    await sent;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const says = error instanceof Error ? shownWords(error.message, words) : '';
    throw new Permanent('mail_refused', `SES does not take this mail: are both addresses verified? ${says}`.trim());
  }
};

/**
 * E-mail, by SES. It keeps nothing once, so it is tried once per call: the SDK's own retries could send a mail twice. A mail that
 * may have been sent carries the alert's id in a header of its own.
 */
export const notifier: Notifier<typeof settings> = {
  settings,
  example: { from: 'alerts@agency.example', to: ['team@agency.example'] },
  mailIdentity: ({ identity, from }) => identity ?? from,
  async send(alert, { from, to }) {
    const text = [alert.title, '', ...alertLines(alert), ...linkLines(alert), '', alert.link].join('\n');
    await orRefused(mail({ id: alert.id, from, to, subject: `[${alert.severity}] ${alert.title}`, text }), [
      text,
      alert.name,
      alert.phone,
      alert.text,
    ]);
  },
  async write({ id, to, replyTo, subject, text }, { from }) {
    if (!to) throw new Permanent('letter_to_nobody', 'The client file names nobody to write to.');
    await orRefused(mail({ id, from, to: [to.email], replyTo, subject, text }), [text, to.name]);
  },
};
