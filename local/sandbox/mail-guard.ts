import type { MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { restRefusal } from '../iam/answers.ts';
import { sesCalls } from '../iam/calls.ts';
import type { Guard } from '../iam/guard.ts';
import { parsedJson } from '../json.ts';

/** Of the notifiers SES alone is AWS, and its callers sign as all of AWS's do. */
const isAws = (authorization = ''): boolean => authorization.startsWith('AWS4-');

/** Refuses a mail that the caller's role does not allow, before the stand-in sees it. */
export const mailGuard =
  (guard: Guard): MiddlewareHandler =>
  async (c, next) => {
    const authorization = c.req.header('authorization');
    if (!isAws(authorization)) return next();
    const refusal = guard.refusalOfAny(authorization, sesCalls(parsedJson(await c.req.text())));
    if (!refusal) return next();
    const { status, headers, body } = restRefusal(refusal);
    return c.body(body, status as ContentfulStatusCode, { ...headers });
  };
