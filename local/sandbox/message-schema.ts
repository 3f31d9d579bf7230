import { z } from 'zod';

/** Whether it is a number, the contract decides. */
const to = z.string().min(1, 'must not be empty');

const httpsUrl = z.string().refine((text) => {
  return text.startsWith('https://') && URL.canParse(text);
}, 'must be an https URL');

/** How long it may be, the contract decides. */
const text = z.string().regex(/\S/, 'must not be empty');

/** `POST /api/v1/messages/text`. */
export const textSend = z
  .strictObject({
    to: to.optional(),
    conversationId: z.string().min(1, 'must not be empty').optional(),
    body: text,
    ctaUrlButton: z
      .strictObject({
        displayText: z.string().min(1, 'must not be empty').max(20, 'must be at most 20 characters'),
        url: httpsUrl,
      })
      .optional(),
  })
  .refine((send) => (send.to === undefined) !== (send.conversationId === undefined), {
    message: 'give exactly one of "to" and "conversationId"',
  });

/** `POST /api/v1/messages/media`; the field names are the unconfirmed ones of the Whapi family. */
export const mediaSend = z.strictObject({ to, media: httpsUrl, caption: text.optional() });

export type SendBody = z.infer<typeof textSend> | z.infer<typeof mediaSend>;
