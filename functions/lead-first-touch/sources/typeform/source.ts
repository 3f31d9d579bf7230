import * as z from 'zod/mini';
import type { Answer } from '../../../shared/door/answers.ts';
import { bodyIn, idSchema, optionalText, shape } from '../../../shared/door/body-shape.ts';
import { headerHmac } from '../../../shared/door/header-hmac.ts';
import { plainNames } from '../../../shared/door/origin.ts';
import type { Source } from '../../../shared/door/source.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { formSettings } from '../../form-settings.ts';
import { leadOf } from '../../lead.ts';
import type { Lead } from '../../schema.ts';

const settings = z.strictObject({
  ...formSettings,
  /** Of the API that subscribes; an account of the European data centre has another. */
  apiBase: z._default(outsideUrl, 'https://api.typeform.com'),
});
export type TypeformSettings = z.infer<typeof settings>;

const envelope = z.object({ event_type: z.string() });

const field = z.object({
  id: optionalText,
  ref: optionalText,
  type: optionalText,
  title: optionalText,
  /** Which part of somebody's contact it asks for. */
  subfield_key: optionalText,
});
/** Words between the questions, which nobody can answer. */
const STATEMENT = 'statement';
/** A group of questions holds them itself, and groups among them. */
const group = z.object({ properties: z.object({ fields: z.array(z.looseObject(field.shape)) }) });
const MAX_DEPTH = 5;
const answer = z.looseObject({ type: optionalText, field: z.optional(z.nullable(field)) });
const body = z.object({
  form_response: z.object({
    token: idSchema,
    form_id: idSchema,
    submitted_at: optionalText,
    hidden: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
    definition: z.optional(z.nullable(z.object({ fields: z.optional(z.array(z.looseObject(field.shape))) }))),
    answers: z.optional(z.nullable(z.array(answer))),
  }),
});

const PHONE = 'phone_number';

type Question = z.infer<typeof field>;

/** An answer stands under the name of its own type; a choice stands one level deeper, and beside it what was typed as another. */
const answered = (given: z.infer<typeof answer>): unknown => {
  const value = given[given.type ?? ''];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { label, labels, other } = value as Readonly<Record<string, unknown>>;
  const choices = [label, labels, other].flat().filter((one) => one !== undefined && one !== null);
  return choices.length > 0 ? choices : undefined;
};

const inGroup = (one: unknown): Question[] | undefined => group.safeParse(one).data?.properties.fields;

/** All questions of a form, with what they hold. */
const questionsIn = (fields: readonly Question[], depth = 0): Question[] =>
  fields.flatMap((one) => [one, ...(depth < MAX_DEPTH ? questionsIn(inGroup(one) ?? [], depth + 1) : [])]);

const namesOf = ({ ref, id, title, subfield_key: part, type }: Question): string[] =>
  [ref, id, title, part, type].filter((name) => name !== undefined);

const isSame = (one: Question | null | undefined, other: Question): boolean =>
  (one?.id !== undefined && one.id === other.id) || (one?.ref !== undefined && one.ref === other.ref);

export const source: Source<Lead, typeof settings> = {
  settings,
  example: (standIn) => ({
    consent: { fields: ['whatsapp_consent'] },
    ...(standIn && { forms: ['lT4Z3j'], apiBase: standIn }),
  }),
  origin: {
    what: 'form',
    write: 'the id of the form',
    such: 'lT4Z3j',
    field: 'form_response.form_id',
    names: plainNames,
    isNeedless: ({ forms }) => forms !== undefined,
  },
  ...headerHmac({ header: 'typeform-signature', encoding: 'base64', prefix: 'sha256=' }),
  parse({ raw, receivedAt }, own) {
    const json = bodyIn(raw);
    if (shape(envelope, json).event_type !== 'form_response') return [];
    const { form_response: response } = shape(body, json);
    const asked = questionsIn(response.definition?.fields ?? []);
    const answers = (response.answers ?? []).map((given): Answer => {
      const { field: about, type } = given;
      const known = asked.find((one) => isSame(about, one));
      return {
        names: namesOf({ ...about, title: known?.title, subfield_key: about?.subfield_key ?? known?.subfield_key }),
        question: known?.title,
        value: answered(given),
        isPhone: type === PHONE || about?.type === PHONE,
      };
    });
    // What nobody answered was asked all the same; a group, or a table of rows, is no question itself.
    const open = asked.filter(
      (one) =>
        one.type !== STATEMENT && !inGroup(one) && !response.answers?.some(({ field: about }) => isSame(about, one)),
    );
    const unanswered = open.map((one): Answer => ({ names: namesOf(one), question: one.title, value: undefined }));
    const hidden = Object.entries(response.hidden ?? {}).map(([name, value]) => ({ names: [name], value }));
    const submission = {
      source: 'typeform',
      id: response.token,
      formId: response.form_id,
      submittedAt: response.submitted_at,
      answers: [...answers, ...unanswered, ...hidden],
    };
    return [{ origin: response.form_id, event: leadOf(submission, own, { raw, receivedAt }) }];
  },
};
