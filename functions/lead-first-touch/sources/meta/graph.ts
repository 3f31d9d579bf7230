import * as z from 'zod/mini';
import type { Answer } from '../../../shared/door/answers.ts';
import { optionalText } from '../../../shared/door/body-shape.ts';
import type { LookUpTools } from '../../../shared/door/source.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import { jsonIn } from '../../../shared/runtime/json.ts';
import { retryAfter } from '../../../shared/runtime/retry-after.ts';
import { withoutSlash } from '../../../shared/runtime/without-slash.ts';
import { leadOf } from '../../lead.ts';
import type { Lead } from '../../schema.ts';
import type { MetaSettings } from './settings.ts';

/** What the event tells of a lead: where to ask for it. */
export interface MetaReference {
  readonly leadgenId: string;
  readonly formId?: string | undefined;
  /** ISO 8601 */
  readonly submittedAt: string;
}

const FIELDS = 'created_time,form_id,field_data,custom_disclaimer_responses';
/** Graph's word for "no such object, or none that this token may see"; no retry changes that. */
const NO_SUCH_OBJECT = 100;
/** Of the tool for testing lead ads, which answers each question so: `<test lead: dummy data for phone_number>`. */
const TEST_ANSWER = /^\s*<?test lead:/i;

const lead = z.object({
  form_id: optionalText,
  field_data: z.array(z.object({ name: z.string(), values: z.optional(z.unknown()) })),
  custom_disclaimer_responses: z.optional(
    z.nullable(z.array(z.object({ checkbox_key: z.string(), is_checked: z.optional(z.unknown()) }))),
  ),
});
const refusal = z.object({ error: z.object({ code: z.number() }) });

const isRefused = (body: string): boolean => refusal.safeParse(jsonIn(body)).data?.error.code === NO_SUCH_OBJECT;

/** A box that was not ticked comes as an empty text, which is an answer all the same: no. */
const ticked = (value: unknown): boolean => value === true || value === 1 || value === '1' || value === 'true';

/** The answers of one lead: one call, with the Page token in a header, where no log of addresses can hold it. */
export const graphLead = async (reference: MetaReference, tools: LookUpTools<MetaSettings>): Promise<Lead> => {
  const { settings, secret, http, now } = tools;
  const base = `${withoutSlash(settings.graphApi)}/${settings.apiVersion}`;
  const url = `${base}/${encodeURIComponent(reference.leadgenId)}?fields=${FIELDS}`;
  const result = await http({
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${secret.pageToken ?? secret.current}` },
  });
  if (result.kind !== 'answer') throw new Unavailable('meta_unreachable', 'The Graph API did not answer.');
  if (result.status !== 200) {
    if (isRefused(result.body)) throw new Permanent('not_found_at_meta', 'The Graph API does not know this lead.');
    const seconds = retryAfter(result.headers, now());
    throw new Unavailable(`meta_answered_${result.status}`, 'The Graph API refused the look-up.', seconds);
  }
  const read = lead.safeParse(jsonIn(result.body));
  if (!read.success) throw new Unavailable('meta_gave_no_lead', 'The Graph API answered without a lead.');
  const asked = read.data.field_data.map(({ name, values }): Answer => ({ names: [name], value: values }));
  const boxes = (read.data.custom_disclaimer_responses ?? []).map(
    ({ checkbox_key: key, is_checked: is }): Answer => ({ names: [key], value: ticked(is) }),
  );
  const submission = {
    source: 'meta',
    id: reference.leadgenId,
    formId: reference.formId ?? read.data.form_id,
    submittedAt: reference.submittedAt,
    answers: [...asked, ...boxes],
    isTest: asked.some(({ value }) => [value].flat().some((one) => typeof one === 'string' && TEST_ANSWER.test(one))),
  };
  return leadOf(submission, settings, { receivedAt: now(), raw: Buffer.from(result.body) });
};
