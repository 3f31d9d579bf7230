import { SendMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { assertOneRecipient } from '../../functions/shared/door/one-recipient.ts';
import { hasFailed } from '../../functions/shared/ledger/rules.ts';
import { AUTO_REPLY, type SendCommand, usefulUntil } from '../../functions/shared/ledger/send-command.ts';
import { isReadable } from '../../functions/shared/runtime/characters.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { toJson } from '../../functions/shared/runtime/json.ts';
import { slices } from '../../lib/client.ts';
import { queueOf } from '../target/named.ts';
import { operatorName } from '../target/operator.ts';
import { openTarget } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import type { TargetOptions } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { parseInput, readInput } from '../terminal/read-input.ts';
import { ledgerOf, RESEND, sendOf } from './ledger.ts';
import { whyFailed } from './why.ts';

interface ResendOptions extends TargetOptions {
  readonly reason: string;
  readonly body: string;
  readonly by?: string;
  readonly usefulFor: number;
  readonly yes?: true;
}

/** The safe length of an Idempotency-Key. */
const MAX_KEY = 64;

const message = z.strictObject({
  to: z.string().regex(/^\+[1-9]\d{6,14}$/, 'write one number as +972…, digits only'),
  body: z
    .string()
    .min(1)
    .max(4096)
    .refine(isReadable, 'holds a character that is none, or was lost: save the file as UTF-8'),
  ctaUrlButton: z
    .strictObject({ displayText: z.string().min(1).max(20), url: z.url({ protocol: /^https$/ }) })
    .optional(),
});

const readMessage = async (file: string): Promise<z.infer<typeof message>> => {
  const json = parseInput(await readInput(file), file);
  try {
    assertOneRecipient(json);
  } catch (error) {
    throw new WrongInput(error instanceof Error ? error.message : 'One message goes to one person.');
  }
  const result = message.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new WrongInput(`${file}: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`);
};

/** Sends a message that a person gives, under a key that says that it is a repeat. The reason lands in the first send's record. */
export const resend = async (clientName: string, key: string, options: ResendOptions): Promise<void> => {
  const request = await readMessage(options.body);
  const target = await openTarget(clientName, options);
  const record = await sendOf(target, key);
  const number = (record.resends ?? 0) + 1;
  const newKey = `${key}:resend:${number}`;
  if (newKey.length > MAX_KEY) throw new WrongInput(`The key ${newKey} would be longer than ${MAX_KEY} characters.`);
  const state = hasFailed(record)
    ? `${record.state}, and WhatsApp said that it did not arrive (${whyFailed(record)})`
    : record.state;
  await askConsent(`${key} is ${state}. Send this message to one person under ${newKey}?`, options.yes);
  const hand = { by: operatorName(options.by), reason: options.reason };
  // Recorded first: a repeat that nobody can explain must not exist.
  if (!(await ledgerOf(target).noteResend(key, number, hand))) {
    throw new Failed('Somebody else is sending it again at this moment. Look with "sends show".');
  }
  const now = new Date().toISOString();
  const window = record.template === AUTO_REPLY ? undefined : slices(target.client).sender.sendWindow;
  const command: SendCommand = {
    key: newKey,
    template: record.template,
    asOf: now,
    usefulUntil: usefulUntil(now, `PT${options.usefulFor}M`, window),
    because: { source: RESEND, told: 'by hand', id: key, at: now, by: hand.by, why: hand.reason },
    outcome: { path: '/messages/text', body: JSON.stringify(request) },
  };
  const MessageBody = toJson(command);
  await target.sqs.send(
    new SendMessageCommand({
      QueueUrl: queueOf(target, 'sends'),
      MessageBody,
      MessageGroupId: target.client.lineId,
      MessageDeduplicationId: sha256(MessageBody),
    }),
  );
  show(
    options.json,
    { key: newKey, of: key, ...hand },
    `Queued under ${newKey}. "sends show" tells what became of it.`,
  );
};
