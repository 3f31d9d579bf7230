import { type Control, type FailedPosts, LineControl } from '../../functions/shared/ledger/line-control.ts';
import { AUTO_REPLY } from '../../functions/shared/ledger/send-command.ts';
import { type Client, stackNameOf, storedLineOf, TEMPLATE_NAMES } from '../../lib/client.ts';
import { depthOf } from '../dead-letters/dead-letters.ts';
import { commandOn, type Place } from '../target/command.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { Failed, isOfAws, WrongInput } from '../terminal/errors.ts';
import { time } from '../terminal/output.ts';

export const controlOf = (target: Target): LineControl =>
  new LineControl(tableOf(target, 'sends'), storedLineOf(target.client), target.dynamodb);

/** @throws WrongInput for what no message is of */
export const assertSendsOf = (template: string): void => {
  const names = [...TEMPLATE_NAMES, AUTO_REPLY];
  if (!names.includes(template)) {
    throw new WrongInput(`Nothing is sent by the name "${template}". Choose one of: ${names.join(', ')}.`);
  }
};

/** The sender of an earlier release looks for no word of people's: it would go on, whatever is written. @throws Failed */
export const assertHeeded = ({ template, client }: Target): void => {
  const heeds = Object.values(template.Resources).some(({ Metadata }) => Metadata?.['ezw:heeds'] === 'line-control');
  if (heeds) return;
  throw new Failed(
    `The sender of this stack is of an earlier release and would not heed it: deploy ${stackNameOf(client)} first. Until then the console can switch its trigger off (Lambda, the function named "sender", its SQS trigger): messages wait in the queue.`,
  );
};

/**
 * A word of people's stands in the table of sends. What stops the line where that is away: nothing takes from its queue any more
 * (https://docs.aws.amazon.com/cli/latest/reference/lambda/update-event-source-mapping.html).
 */
export const withoutTable = (target: Target, error: unknown): unknown => {
  if (!isOfAws(error)) return error;
  const { senderFeed } = target;
  const feed = `aws lambda update-event-source-mapping --uuid ${senderFeed ?? '<of the function named "sender">'}`;
  const stop =
    target.where === 'aws'
      ? `This stops the line without it, within a minute: ${feed} --no-enabled. Messages wait in the queue; later the same with --enabled`
      : 'End "npm start": that stops the line without it';
  return new Failed(
    `Not paused: the table sends (${tableOf(target, 'sends')}) cannot be used, ${error.name}. ${stop}. What is wrong: ${commandOn(target, 'doctor')}`,
  );
};

/** How many messages of the line wait in its queue, all templates together. */
export const waitingInQueue = (target: Target): Promise<number> => depthOf(target, 'sends');

/** Something that keeps messages from leaving. */
export interface Held {
  readonly says: string;
  /** What lets them go, as options of "line resume"; none where no command does. */
  readonly resume?: readonly string[];
  /** What must be first. */
  readonly first?: string;
  /** It is over, as far as the line says now. */
  readonly isOver?: true;
}

/**
 * What keeps messages from leaving, one by one; none where everything leaves.
 * @param isSendable what the line says now
 */
export const heldBack = ({ paused, trouble, templates = {} }: Control, isSendable = false): readonly Held[] => [
  ...(paused ? [{ says: `paused${since(paused)}: nothing leaves`, resume: [] }] : []),
  ...troubled(trouble, isSendable),
  ...Object.entries(templates).map(([name, pause]) => ({
    says: `${name} is paused${since(pause)}`,
    resume: ['--template', name],
  })),
];

/** What waits is tried at least so often: of what was not noted for longer nobody knows whether it still fails. */
const OLD_MS = 30 * 60_000;
/** One that failed may be that one. */
const SEVERAL = 2;

/** POSTs that the API failed on one after the other a moment ago, while the line was well. @param now epoch milliseconds */
export const failedPosts = ({ failing }: Control, now: number): FailedPosts | undefined => {
  if (!failing?.times || !failing.posts) return undefined;
  const { count, at } = failing.posts;
  return count >= SEVERAL && now - at < OLD_MS ? failing.posts : undefined;
};

/** That the API fails while the line is well: what waits is then tried one by one. @param now epoch milliseconds */
export const failingNow = (control: Control, waiting: number, { sender }: Client, now: number): string | undefined => {
  const posts = failedPosts(control, now);
  if (!posts || waiting === 0) return undefined;
  const on = control.failing?.on;
  const perhaps = on === undefined ? '' : `, perhaps because of what it says (first ${on})`;
  return `EZWhatsApp failed ${posts.count} times in a row on what was sent last (${posts.status ?? 'no answer'}), with the line well${perhaps}: what waits is tried one by one, at most ${sender.hold.to} seconds apart`;
};

/** What to type, and what to do before. */
export const resumeOf = (place: Place, { resume = [], first = '' }: Held): string =>
  `${first}${commandOn(place, 'line resume', resume.join(' '))}`;

const troubled = (trouble: Control['trouble'], isSendable: boolean): readonly Held[] => {
  if (!trouble) return [];
  const at = time(trouble.at);
  if (trouble.kind === 'banned') {
    const says = `shut out by WhatsApp since ${at}, says the workspace: nothing leaves until it is resumed, also when the line is back. Scan nothing and reinstall nothing before WhatsApp has answered`;
    const first = 'write to WhatsApp and to EZWhatsApp first; when the number is back: ';
    return [{ says, resume: [], ...(!isSendable && { first }) }];
  }
  if (isSendable) return [{ says: `was not linked to its phone since ${at}, and can send again`, isOver: true }];
  const says = `not linked to its phone since ${at}: its QR code must be scanned in the workspace; then messages leave by themselves`;
  return [{ says }];
};

const since = ({ by, reason, at }: { by: string; reason?: string; at: number }): string =>
  ` since ${time(at)} by ${by}${reason === undefined ? '' : ` (${reason})`}`;
