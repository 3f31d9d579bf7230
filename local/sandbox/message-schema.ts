import { z } from 'zod';

const to = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be E.164 with a leading +, digits only, e.g. +972501234567');

const httpsUrl = z.string().refine((text) => {
  return text.startsWith('https://') && URL.canParse(text);
}, 'must be an https URL');

const text = z.string().max(4096, 'must be at most 4096 characters').regex(/\S/, 'must not be empty');

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
