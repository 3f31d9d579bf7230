import type { Context } from 'hono';

/** https://developers.facebook.com/docs/graph-api/guides/error-handling; what is wrong is in the code, hardly in the status. */
export const graphError = (c: Context, status: number, code: number, message: string, more: object = {}): Response =>
  c.json({ error: { message, type: 'OAuthException', code, ...more } }, status as 400);
