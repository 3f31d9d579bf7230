import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { answersTo } from '../../../shared/door/answers.ts';
import { plainNames } from '../../../shared/door/origin.ts';
import { name } from '../../../shared/door/pattern-schema.ts';
import type { Source } from '../../../shared/door/source.ts';
import { ruleFor } from '../../consent.ts';
import { browserFormSettings } from '../../form-settings.ts';
import { leadOf } from '../../lead.ts';
import type { Lead } from '../../schema.ts';
import { formBody } from './body.ts';
import { isUnproven, proveForm, signForm } from './proof.ts';
import { refusalIn } from './refusal.ts';
import { readPost } from './shapes.ts';
import { isSpam } from './spam.ts';

const origin = z
  .string()
  .check(
    z.regex(
      /^(https:\/\/[a-z0-9.-]+(:\d+)?|http:\/\/127\.0\.0\.1:\d+)$/,
      'write an origin, such as https://shop.example',
    ),
  );

const settings = z.strictObject({
  ...browserFormSettings,
  /** Lets pages of the client post straight from the visitor's browser, without a secret. */
  browser: z.optional(
    z.strictObject({
      origins: z.array(origin).check(z.minLength(1)),
      /** A field that the page hides and only a robot fills. */
      honeypot: z._default(name, 'website'),
      /** Posts that one address may make in a minute. */
      perAddressPerMinute: z._default(z.int().check(z.gte(1), z.lte(1000)), 20),
    }),
  ),
});

/** Forms of all makes: whatever posts names and answers. Which names mean what is in the client file. */
export const source: Source<Lead, typeof settings> = {
  settings,
  example: () => ({ consent: { fields: ['whatsapp_consent'] } }),
  newSecret: () => randomBytes(24).toString('hex'),
  secretInPath: true,
  browser: { rules: ({ browser }) => browser, isUnproven },
  // A copy of a site has the same ids; its pages are told by `browser.origins`.
  origin: {
    what: 'form',
    write: 'the id of the form',
    such: 'contact',
    names: plainNames,
    isNeedless: () => true,
  },
  authenticate: proveForm,
  sign: signForm,
  parse(request, own) {
    const tree = formBody(request);
    if (isSpam(tree)) return [{ skipped: 'spam' }];
    const { id, isGuessable, ...post } = readPost(tree);
    const { browser } = own;
    const unproven = isUnproven(request);
    if (browser && unproven && answersTo(post.answers, [browser.honeypot]).length > 0) {
      return [{ skipped: 'honeypot' }];
    }
    // Under the next id of a plug-in a stranger's post would take the place of somebody's form.
    const trusted = unproven && isGuessable ? undefined : id;
    const refusal = refusalIn(tree, post.answers, ruleFor(own, post.formId));
    const lead = leadOf({ source: 'form', id: trusted, ...post, refusal }, own, request);
    // What a stranger wrote there is told to nobody.
    return [{ event: { ...lead, ...(unproven && { unproven }) }, origin: unproven ? undefined : post.formId }];
  },
};
