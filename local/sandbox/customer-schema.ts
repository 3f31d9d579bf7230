import { z } from 'zod';

const phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be E.164 with a leading +');
const at = z.iso.datetime({ offset: true }).optional();

/**
 * `POST /_sandbox/customer-messages`. `content` is what stands under the key of the type (`{"caption": …}` for an image);
 * without it the usual content of the type is made up from `text`. `over` replaces or adds fields of the message.
 */
export const customerMessage = z.strictObject({
  phone,
  text: z.string().optional(),
  type: z.string().default('text'),
  content: z.record(z.string(), z.unknown()).optional(),
  over: z.record(z.string(), z.unknown()).default({}),
  at,
});

/** `POST /_sandbox/human-messages`: a person of the team answers in the workspace or on the phone. */
export const humanMessage = z.strictObject({ phone, text: z.string(), at });

/** `POST /_sandbox/statuses`: of the message with this Idempotency-Key, or this provider id. */
export const statusOrder = z
  .strictObject({
    key: z.string().optional(),
    id: z.string().optional(),
    status: z.string(),
    /** As Meta writes them, of one that failed. */
    errors: z.array(z.record(z.string(), z.json())).optional(),
    at,
  })
  .refine(({ key, id }) => (key === undefined) !== (id === undefined), {
    message: 'give exactly one of "key" and "id"',
  });

/** `POST /_sandbox/webhook-settings`. */
export const webhookSettings = z.strictObject({
  retryDelaysMs: z.array(z.int().min(0)).max(100).optional(),
  /** When what comes in bulk comes by itself. */
  bulkAfterMs: z.int().min(0).optional(),
  /** Such as `http://127.0.0.1:4711`: a webhook may be there although it is on this machine. In the place of those before. */
  allowOrigins: z
    .array(z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, 'must be an origin'))
    .optional(),
  /** Whether an accepted send comes back as an observed outbound message. */
  echoes: z.boolean().optional(),
  /** What an accepted send goes through by itself. */
  statuses: z.array(z.string()).optional(),
});

const MEDIA: Record<string, object> = {
  image: { id: 'media-1', mime_type: 'image/jpeg', file_size: 1234, link: 'https://media.example/1.jpg' },
  video: { id: 'media-1', mime_type: 'video/mp4', file_size: 1234, link: 'https://media.example/1.mp4' },
  voice: { id: 'media-1', mime_type: 'audio/ogg; codecs=opus', file_size: 1234, seconds: 7 },
  audio: { id: 'media-1', mime_type: 'audio/mpeg', file_size: 1234, seconds: 7 },
  document: { id: 'media-1', mime_type: 'application/pdf', file_size: 1234, file_name: 'File.pdf', page_count: 2 },
  sticker: { id: 'media-1', mime_type: 'image/webp', file_size: 1234 },
  location: { latitude: 32.08, longitude: 34.78, name: 'Tel Aviv' },
  contact: { name: 'A contact', vcard: 'BEGIN:VCARD\nVERSION:3.0\nEND:VCARD' },
  action: { type: 'reaction', target: 'wamid_x', emoji: '👍' },
};

/** The fields that a message of this type has beside the common ones. */
export function contentOf({ type, text, content }: z.infer<typeof customerMessage>): Record<string, unknown> {
  if (content !== undefined) return { [type]: content };
  if (type === 'text') return { text: { body: text ?? '' }, body: text ?? '' };
  if (type === 'link_preview') return { link_preview: { body: text ?? '', url: 'https://shop.example/' } };
  if (type === 'reply') {
    const chosen = { id: 'ButtonsV3:1', title: text ?? '' };
    return { reply: { type: 'buttons_reply', buttons_reply: chosen }, context: { quoted_type: 'hsm' } };
  }
  const usual = MEDIA[type];
  return usual === undefined ? {} : { [type]: { ...usual, ...(text !== undefined && { caption: text }) } };
}
