import { type Answer, textOf } from '../../../shared/door/answers.ts';
import { idOf, instantIn } from '../../../shared/door/body-shape.ts';
import { NOT_ANSWERED } from '../../../shared/door/consent.ts';
import { onlyOne, parseJson } from '../../../shared/runtime/json.ts';
import { isPhone, partsIn, phoneKeys, phoneOf } from '../../given-phone.ts';
import type { Tree } from './body.ts';

/** What one plug-in's body says, in the words that all of them share. */
export interface FormPost {
  readonly id?: string | undefined;
  /** Whoever has seen one such id knows those of others. */
  readonly isGuessable?: boolean;
  readonly formId?: string | undefined;
  readonly submittedAt?: string | undefined;
  readonly answers: readonly Answer[];
  readonly isTest?: boolean;
}

const MAX_DEPTH = 3;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const trees = (value: unknown): readonly Tree[] => list(value).filter(isTree);

const phoneAnswer = (names: readonly string[], parts: Tree): Answer => {
  const { raw: value, country } = phoneOf(parts) ?? {};
  return { names, value, ...(country !== undefined && { country }) };
};

/** What a question is called, and whether another one is called the same without digits. */
interface Called {
  readonly called: readonly string[];
  readonly isOther: boolean;
}

/** A phone or a name in several parts, as Jotform, Formstack and others make them; undefined for any other group of fields. */
const composed = ({ called: names, isOther }: Called, parts: Tree): Answer[] | undefined => {
  const { full, first, last, value, field_type: type } = parts;
  if (isPhone(parts)) return [{ ...phoneAnswer(names, parts), looksLikePhone: true }];
  if (textOf(full)) return [{ names, value: full }];
  if (type !== undefined && value !== undefined) return [{ names, value, isPhone: type === 'phone' }];
  if (textOf(first) && last !== undefined) return [{ names: isOther ? names : [...names, 'first name'], value: first }];
  return undefined;
};

/** A list, or what a form-encoded `choice[]` became. */
const isList = (value: Tree): boolean => Object.keys(value).every((key) => /^\d+$/.test(key));

const isChoices = (value: unknown): value is object =>
  (Array.isArray(value) || (isTree(value) && isList(value))) && Object.keys(value).length > 0;

/** Jotform's `q5_phoneNumber5`, and the twin `q5_q5_phoneNumber5` that it sends of some. */
const NUMBERED = /^(q\d+)_(?:q\d+_)?(.+)$/;
/** Longer than any name; lengths come before patterns, for patterns on long texts take minutes. */
const MAX_NUMBERED = 200;

const ENDS_IN_DIGITS = /(?<!\d)\d+$/;

const numbered = (key: string): readonly [question: string, name: string] => {
  const [, question = key, name = key] = (key.length <= MAX_NUMBERED && NUMBERED.exec(key)) || [];
  return [question, name];
};

/** A name but for its digits, however it is written. */
const wordsOf = (name: string): string =>
  name.length <= MAX_NUMBERED ? name.toLowerCase().replace(/\P{L}+/gu, '') : name;

/**
 * What the form's owner called each question: a numbered one without its numbers, too. Where two questions differ by digits
 * alone the digits are the name: `q9_phone9` beside `q5_phone` is somebody else's.
 */
const callsIn = (tree: Tree): ((key: string) => Called) => {
  const alike = new Map<string, Set<string>>();
  const bare = new Set<string>();
  for (const [question, name] of Object.keys(tree).map(numbered)) {
    const words = wordsOf(name);
    alike.set(words, (alike.get(words) ?? new Set()).add(question));
    if (!ENDS_IN_DIGITS.test(name)) bare.add(words);
  }
  return (key) => {
    const [question, name] = numbered(key);
    const words = wordsOf(name);
    if (question === key || alike.get(words)?.size !== 1) {
      return { called: [name], isOther: ENDS_IN_DIGITS.test(name) && bare.has(words) };
    }
    return { called: [...new Set([name, name.replace(ENDS_IN_DIGITS, '') || name])], isOther: false };
  };
};

/** Every answer under its own name and each that its question was called. */
const flat = (tree: Tree, prefix = '', depth = 0): Answer[] => {
  const callsOf = callsIn(tree);
  return Object.entries(tree).flatMap(([key, given]): Answer[] => {
    const calls = callsOf(key);
    const { called } = calls;
    const names = [...new Set([key, ...called, `${prefix}${key}`])];
    const parts = partsIn(given);
    const value = parts && isPhone(parts) ? parts : given;
    if (!isTree(value)) return [{ names, value }];
    if (isList(value)) return [{ names, value: Object.values(value) }];
    const whole = composed(calls, value);
    if (whole) return whole;
    const inner = depth < MAX_DEPTH ? flat(value, `${key}.`, depth + 1) : [];
    const keys = phoneKeys(value);
    if (keys.length === 0) return inner;
    const phone = phoneAnswer([...called, ...keys.flatMap((one) => [one, `${key}.${one}`])], value);
    return phone.value === undefined ? [phone, ...inner] : [phone];
  });
};

/** An id that a plug-in counts up. */
const isCounted = (id: string | undefined): id is string => id !== undefined && /^\d{1,9}$/.test(id);

/** Counted up in one form alone it says nothing without it. */
const ownId = (formId: string | undefined, id: string | undefined): string | undefined =>
  isCounted(id) ? `${formId ?? 'form'}-${id}` : id;

/** WordPress writes UTC without saying so. */
const utc = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;

/** Tally: choices come as ids of options. */
const tally = (tree: Tree): FormPost | undefined => {
  const data = tree.data;
  if (tree.eventType !== 'FORM_RESPONSE' || !isTree(data)) return undefined;
  const answers = trees(data.fields).map((field): Answer => {
    const options = new Map(trees(field.options).map(({ id, text }) => [id, text]));
    const values = list(field.value).map((id) => options.get(id) ?? id);
    return {
      names: [textOf(field.label), textOf(field.key)].filter((name) => name !== undefined),
      question: textOf(field.label),
      value: Array.isArray(field.value) ? values : field.value,
      isPhone: field.type === 'INPUT_PHONE_NUMBER',
    };
  });
  const id = idOf(data.responseId) ?? idOf(data.submissionId) ?? idOf(tree.eventId);
  return { id, formId: textOf(data.formId), submittedAt: textOf(data.createdAt) ?? textOf(tree.createdAt), answers };
};

/** Jotform: the answers are JSON in one field of a multipart form. */
const jotform = (tree: Tree): FormPost | undefined => {
  const request = textOf(tree.formID) === undefined ? undefined : tree.rawRequest;
  if (typeof request !== 'string') return undefined;
  const answers = onlyOne(parseJson(request));
  const id = idOf(tree.submissionID);
  if (!isTree(answers)) return { id, formId: textOf(tree.formID), answers: [] };
  // Milliseconds, which have as many digits as a phone.
  const { buildDate: _, submitDate: __, ...asked } = answers;
  return { id, formId: textOf(tree.formID), answers: flat(asked) };
};

/** Elementor with "advanced data": every field with its id, type and title. */
const elementor = (tree: Tree): FormPost | undefined => {
  if (!isTree(tree.fields) || !isTree(tree.form)) return undefined;
  const answers = Object.entries(tree.fields).flatMap(([key, field]): Answer[] =>
    isTree(field)
      ? [
          {
            names: [key, textOf(field.title)].filter((name) => name !== undefined),
            question: textOf(field.title),
            // Several choices are joined in the one and a list in the other.
            value: isChoices(field.raw_value) ? Object.values(field.raw_value) : (field.value ?? field.raw_value),
            isPhone: field.type === 'tel',
          },
        ]
      : [],
  );
  return { formId: textOf(tree.form.id), answers };
};

const named = (tree: Tree, ...names: string[]): string | undefined =>
  names.flatMap((name) => textOf(tree[name]) ?? []).at(0);

const isOurConsent = (consent: unknown): consent is Tree => isTree(consent) && !isChoices(consent);

/** Our own contract has a place for consent. Where it stands but says nothing of WhatsApp, it says no. */
const consentIn = ({ consent }: Tree): Answer[] => {
  if (!isOurConsent(consent)) return [];
  const { whatsapp, text, at } = consent;
  const evidence = { text: textOf(text), at: instantIn(at) };
  return [{ names: ['consent.whatsapp'], value: whatsapp ?? NOT_ANSWERED, evidence }];
};

/** Elementor's simple data, Gravity Forms, WPForms and pages of one's own: names and answers. */
const plain = (tree: Tree): FormPost => {
  const formId = named(tree, 'form_id', 'formId', 'form');
  // A field called "id" is the entry's own in a Gravity Forms entry alone; elsewhere a visitor may have typed it.
  const entryId = tree.date_created ? idOf(tree.id) : undefined;
  const id = idOf(tree.submission_id) ?? idOf(tree.entry_id) ?? idOf(tree.lead_id) ?? entryId;
  const submittedAt = named(tree, 'submitted_at') ?? utc(named(tree, 'date_created'));
  const isTest = tree.is_test === true || tree.is_test === 'true';
  const { consent: _, ...others } = tree;
  const answers = [...consentIn(tree), ...flat(isOurConsent(tree.consent) ? others : tree)];
  const own = { id: ownId(formId, id), ...(isCounted(id) && { isGuessable: true }) };
  return { ...own, formId, submittedAt, answers, ...(isTest && { isTest }) };
};

export const readPost = (tree: Tree): FormPost => tally(tree) ?? jotform(tree) ?? elementor(tree) ?? plain(tree);
