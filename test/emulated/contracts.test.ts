import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../local/sandbox/contract/assumptions.ts';
import {
  ASSUMED,
  anyContract,
  describeContract,
  VARIANTS,
  withVariant,
} from '../../local/sandbox/contract/contract.ts';
import { randomOf } from '../../local/sandbox/contract/random.ts';
import type { Finding } from './world/findings.ts';
import { World } from './world/world.ts';

/**
 * The main stories of people under everything that EZWhatsApp may do where no page of its says it. How the world is made, and what of it is
 * real, stands in world/world.ts.
 *
 *   CONTRACT_SEEDS=200 npx vitest run --project 'emulated*' test/emulated/contracts.test.ts     so many combinations
 *   CONTRACT_SEED=17 npx vitest run --project 'emulated*' test/emulated/contracts.test.ts -t 'seed 17'     one again
 */

/** A run takes about a second of one core. */
const SEEDS = Number(process.env.CONTRACT_SEEDS ?? 20);
const ONE = process.env.CONTRACT_SEED;
const FILE = 'test/emulated/contracts.test.ts';

interface Known {
  readonly promise: string;
  readonly when?: (contract: Contract) => boolean;
  readonly says?: RegExp;
  readonly because: string;
}

const isHidden = ({ people }: Contract): boolean => people.startsWith('lid') && people !== 'lid-later';

/** What is known to break a promise, and when: each is to be mended, and this list to be emptied. */
const KNOWN: readonly Known[] = [
  {
    promise: 'seenIsSettled',
    because: 'what the line shows of a send joins it, and does not settle it; an echo is joined to one that never left',
  },
  {
    promise: 'deliveryIsKnown',
    says: /:auto-reply /,
    because: 'an echo is joined to an earlier send of the same words that never left',
  },
  {
    promise: 'ledgerIsTrue',
    when: (contract) => contract['same-key'] === '422',
    says: /REJECTED api_422/,
    because: '422 on a repeat is taken for a verdict on the first attempt',
  },
  ...['arrives', 'oneFirstTouch', 'inTime', 'noMessageHoldsTheLine', 'answersWhoAsks'].map((promise) => ({
    promise,
    when: ({ media }: Contract) => media === '404',
    because: '404 for one media message holds the line until that message is too old',
  })),
  {
    promise: 'noMessageHoldsTheLine',
    when: ({ conversation }) => conversation === '404',
    says: /:auto-reply /,
    because: '404 for a conversation holds the line until the answer is too old',
  },
  {
    promise: 'answersWhoAsks',
    when: ({ conversation }) => conversation !== 'taken',
    because: 'an automatic answer does not go to the number where the API takes no conversation',
  },
  {
    promise: 'arrives',
    when: ({ unlinked }) => ['400', '409'].includes(unlinked),
    says: /REJECTED api_4/,
    because: 'a refusal is that of the message before it is held against the health of the line',
  },
  {
    promise: 'oneContactEach',
    when: ({ people }) => people === 'lid-later',
    because: 'who is known by number and then by a privacy id has two contacts',
  },
  {
    promise: 'deliveryIsKnown',
    when: isHidden,
    because: "an echo that came before the id of its send is somebody else's for ever",
  },
  {
    promise: 'deliveryIsKnown',
    when: (contract) => contract['status-id'] === 'answer' || contract['answer-id'] === 'whatsapp',
    because: 'what was told of a send before the id of its answer was known is not handed on to it',
  },
  {
    promise: 'whoWaitsIsToldOf',
    when: isHidden,
    because: 'the echo of a send to a number that is hidden counts as an answer of the team',
  },
];

const isKnown = (contract: Contract, { promise, says }: Finding): boolean =>
  KNOWN.some((one) => one.promise === promise && (one.when?.(contract) ?? true) && (one.says?.test(says) ?? true));

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 60_000);
afterAll(() => world.stop());

const findingsOf = async (contract: Contract, seed: number): Promise<readonly Finding[]> => {
  // Loaded behind the world, which puts its own modules in the place of the outermost ones.
  const { Scene } = await import('./world/scene.ts');
  const { tellAll } = await import('./world/stories.ts');
  const { findings } = await import('./world/findings.ts');
  const random = randomOf(seed);
  await world.begin(random, contract);
  const scene = new Scene(world, contract, random);
  await tellAll(scene);
  return findings(scene);
};

const holds = async (contract: Contract, seed: number, test: string): Promise<void> => {
  const repeat = `CONTRACT_SEED=${seed} npx vitest run --project 'emulated*' ${FILE} -t '${test}'`;
  const about = `${describeContract(contract)}\nAgain: ${repeat}\n`;
  const found = await findingsOf(contract, seed).catch((error: Error) => [
    { promise: 'ends', says: String(error.stack) },
  ]);
  expect(
    found.filter((one) => !isKnown(contract, one)),
    about,
  ).toEqual([]);
};

describe('every promise is kept', () => {
  const seed = Number(ONE ?? 1);
  it('as assumed', () => holds(ASSUMED, seed, 'as assumed'));

  it.each(VARIANTS.map(([name, variant]) => [`${name}=${variant}`, withVariant(name, variant)] as const))(
    '%s',
    (test, contract) => holds(contract, seed, test),
  );

  const seeds = ONE === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(ONE)];
  it.each(seeds.map((one) => [one, describeContract(anyContract(randomOf(one)))] as const))('seed %i: %s', (one) =>
    holds(anyContract(randomOf(one)), one, `seed ${one}:`),
  );
});
