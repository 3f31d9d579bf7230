import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { parsedJson } from '../json.ts';

/** The API's error shape, `{error: {code, message}}`; the message says what was wrong and what to do. */
export function refuse(c: Context, status: ContentfulStatusCode, code: string, message: string): Response {
  return c.json({ error: { code, message } }, status);
}

/** Keeps a body that is as it must be, and answers 204; refuses any other with what is wrong with it. */
export const keeping =
  <T>(schema: z.ZodType<T>, keep: (value: T) => void) =>
  async (c: Context): Promise<Response> => {
    const parsed = parseJson(schema, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    keep(parsed.value);
    return c.body(null, 204);
  };

/** Parses text as JSON and checks it; `problem` names each wrong field by its path. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): { value: T } | { problem: string } {
  const json = parsedJson(text);
  if (json === undefined) return { problem: 'the body is not valid JSON' };
  const result = schema.safeParse(json);
  if (result.success) return { value: result.data };
  const problems = result.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
  );
  return { problem: problems.join('; ') };
}
