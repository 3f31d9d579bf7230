import type { Notice } from '../shared/people/notice.ts';
import { sha256 } from '../shared/runtime/hashes.ts';
import type { EscalationConfig } from './config.ts';

/** A text for one person outside of the team, ready for whoever can write to them. */
export interface Letter {
  /** The same however often it is sent. */
  readonly id: string;
  /** Undefined where the client file names nobody: then the team hands it on. */
  readonly to: { readonly name: string; readonly email: string } | undefined;
  readonly replyTo: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

/** What the client's own contact is told of a notice; undefined for what is the team's matter alone. */
export const letterOf = (notice: Notice, { keysOf, letters, zone }: EscalationConfig): Letter | undefined => {
  // Code is replaced a moment before its settings, and those of the release before have none.
  if (!Object.hasOwn(letters?.byCode ?? {}, notice.code)) return undefined;
  const { subject = '', text = '' } = letters.byCode[notice.code] ?? {};
  const clock = new Intl.DateTimeFormat(letters.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
  return {
    id: `letter_${sha256([keysOf, 'notice', notice.id].join('\n')).slice(0, 40)}`,
    to: letters.to,
    replyTo: letters.replyTo,
    subject,
    text: text.replace('{at}', () => clock.format(new Date(notice.at))),
  };
};
