import type { NotifierStandIn } from '../../../../local/sandbox/notifier.ts';
import type { notifier } from './notifier.ts';

interface Card {
  attachments: { content: { body: { text: string }[] } }[];
}

/** A Workflow of Teams: 202 says that the card was queued. */
export const standIn: NotifierStandIn<typeof notifier> = {
  answer: () => [202],
  connection: (base) => ({ settings: {}, secret: `${base}/workflows/1` }),
  // A text block reads Markdown wherever no backslash stands before it.
  formatsIn: ({ body }) =>
    (body as Card).attachments.flatMap(({ content }) =>
      content.body.flatMap(({ text }) => text.match(/(?<!\\)[*_`~[\]<>]/g) ?? []),
    ),
};
