import type { Source } from '../../shared/door/source.ts';
import { answersTo } from '../answers.ts';
import type { WebFormSettings } from '../config.ts';
import { formBody } from '../form/body.ts';
import { isUnproven, proveForm } from '../form/proof.ts';
import { readPost } from '../form/shapes.ts';
import { leadOf } from '../lead.ts';
import type { Lead } from '../schema.ts';

const DAY_SECONDS = 24 * 3600;

/** Forms of all makes: whatever posts names and answers. Which names mean what is in the client file. */
export const form: Source<Lead, WebFormSettings> = {
  cors: (origin, { browser }) =>
    browser?.origins.includes(origin)
      ? {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'content-type',
          'access-control-max-age': String(DAY_SECONDS),
          vary: 'origin',
        }
      : undefined,
  authenticate: proveForm,
  sign: (body, secret) => ({
    headers: { 'content-type': 'application/json', 'x-ezw-secret': secret.current },
    body,
  }),
  parse(request, settings) {
    const post = readPost(formBody(request));
    const { browser } = settings;
    if (browser && isUnproven(request) && answersTo(post.answers, [browser.honeypot]).length > 0) {
      return [{ skipped: 'honeypot' }];
    }
    return [{ event: leadOf({ source: 'form', ...post }, settings, request) }];
  },
};
