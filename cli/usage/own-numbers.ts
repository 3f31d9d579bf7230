import { phoneOfPerson } from '../sends/person.ts';
import type { Target } from '../target/target.ts';

/** The agency's own numbers: what goes there is a test. */
export const ownNumbers = (target: Target, own: readonly string[]): readonly string[] => [
  ...own.map((raw) => phoneOfPerson(raw, target, '--own')),
  target.client.contacts.operator.phone,
];
