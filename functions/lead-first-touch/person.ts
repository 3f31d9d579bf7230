import { type Answer, answersTo, found } from '../shared/door/answers.ts';
import { cut } from '../shared/runtime/characters.ts';
import type { FieldNames } from './form-settings.ts';
import { type GivenPhone, inArea, phoneIn } from './given-phone.ts';

/** What a form says about a person. */
export interface Person {
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly country: string | undefined;
  readonly locale: string | undefined;
  /** As they were typed, each once; with the country of the field itself where that says one. */
  readonly phones: readonly GivenPhone[];
  /** The same with the area code that stands in another field: to be tried where none of `phones` can be written to. */
  readonly inArea: readonly GivenPhone[];
}

/** More numbers than a person has, and more than a queue takes. */
const MOST_PHONES = 20;
/** Longer than any country is called. */
const MAX_COUNTRY = 100;

const phonesOf = (answers: readonly Answer[]): GivenPhone[] => {
  const given = answers.flatMap(({ value, country }) => {
    const phone = phoneIn(value);
    return phone ? [country === undefined ? phone : { ...phone, country }] : [];
  });
  return [...new Map(given.map((phone) => [`${phone.raw} ${phone.country ?? ''}`, phone])).values()];
};

export const personOf = (answers: readonly Answer[], fields: FieldNames): Person => {
  const first = (names: readonly string[]): string | undefined => answersTo(answers, names)[0];
  const asked = fields.phone.flatMap((name) => found(answers, name));
  const marked = answers.filter(({ isPhone }) => isPhone);
  const known = [...asked, ...marked];
  // What merely looks like one is it where no question is for one, and nothing else looks so.
  const alike = known.length > 0 ? [] : phonesOf(answers.filter(({ looksLikePhone }) => looksLikePhone));
  const phones = (known.length > 0 ? phonesOf(known) : alike.slice(0, alike.length === 1 ? 1 : 0)).slice(
    0,
    MOST_PHONES,
  );
  return {
    name: first(fields.firstName) ?? first(fields.name),
    email: first(fields.email),
    country: cut(first(fields.country) ?? '', MAX_COUNTRY) || undefined,
    locale: first(fields.locale),
    phones,
    inArea: inArea(phones, answersTo(answers, fields.area)),
  };
};
