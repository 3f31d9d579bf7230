import { turnedOn } from '../../../lib/client.ts';
import { isRotated, refusedProofs, rotatedWords } from '../../source/rotated.ts';
import { commandOn } from '../../target/command.ts';
import { tableOf } from '../../target/named.ts';
import type { Target } from '../../target/target.ts';
import type { Check } from '../check.ts';
import { type Finding, steps } from '../finding.ts';

const ofSource = async (target: Target, template: string, source: string, now: number): Promise<readonly Finding[]> => {
  const row = await refusedProofs(tableOf(target, 'deliveries'), target.dynamodb, template, source);
  if (!isRotated({ ...row, now })) return [];
  const todo = steps(
    "look at the deliveries that its vendor shows: only where the vendor's own are answered 401 the secret is another one; else somebody tries the door, and nothing is to be done",
    `then with the one that stands there now: ${commandOn(target, 'secrets set', `sources.${source}`)}`,
    'what the vendor gave up on meanwhile has to be sent again from there',
  );
  const found = `${rotatedWords(row)} (each was answered 401)`;
  // Of a door that never took an event it may be anybody who tries.
  const level = row.goodAt === undefined ? 'warning' : 'bad';
  return [{ level, about: `proofs of ${template}/${source}`, found, todo }];
};

/** Secrets that were changed at one end alone. */
export const proofs: Check = {
  id: 'proofs',
  about: 'proofs of sources',
  tables: () => ['deliveries'],
  look: async ({ target, now }) => {
    const places = turnedOn(target.client).flatMap(([template, { settings }]) =>
      Object.keys(settings.sources).map((source) => ofSource(target, template, source, now)),
    );
    return (await Promise.all(places)).flat();
  },
  watched: { every: 10 },
};
