import { type Answer, answersTo, found, textOf } from '../shared/door/answers.ts';
import { cut } from '../shared/runtime/characters.ts';
import type { FieldNames } from './form-settings.ts';

/** What a form says about a person. */
export interface Person {
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly country: string | undefined;
  readonly locale: string | undefined;
  /** As they were typed, each once. */
  readonly phones: readonly string[];
}

/** More numbers than a person has, and more than a queue takes. */
const MOST_PHONES = 20;
/** Longer than any country is called. */
const MAX_COUNTRY = 100;

export const personOf = (answers: readonly Answer[], fields: FieldNames): Person => {
  const first = (names: readonly string[]): string | undefined => answersTo(answers, names)[0];
  const asked = fields.phone.flatMap((name) => found(answers, name));
  const marked = answers.filter(({ isPhone }) => isPhone);
  const phones = [...asked, ...marked].flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
  return {
    name: first(fields.firstName) ?? first(fields.name),
    email: first(fields.email),
    country: cut(first(fields.country) ?? '', MAX_COUNTRY) || undefined,
    locale: first(fields.locale),
    phones: [...new Set(phones.flatMap((phone) => textOf(phone) ?? []))].slice(0, MOST_PHONES),
  };
};
