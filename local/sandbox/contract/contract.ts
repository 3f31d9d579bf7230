import { ASSUMPTIONS, type AssumptionName, type Contract, NAMES, variantsOf } from './assumptions.ts';

/** What is assumed in every point. */
export const ASSUMED = Object.fromEntries(NAMES.map((name) => [name, variantsOf(name)[0]])) as Contract;

/** Every variant that is not assumed, alone: `[name, variant]`. */
export const VARIANTS: readonly (readonly [AssumptionName, string])[] = NAMES.flatMap((name) =>
  variantsOf(name)
    .slice(1)
    .map((variant) => [name, variant] as const),
);

/** A variant by its name, in every other point what is assumed. */
export const withVariant = (name: AssumptionName, variant: string): Contract =>
  ({ ...ASSUMED, [name]: variant }) as Contract;

/** In each point any variant. @param random gives 0 ≤ n < 1 */
export const anyContract = (random: () => number): Contract =>
  Object.fromEntries(
    NAMES.map((name) => {
      const variants = variantsOf(name);
      return [name, variants[Math.floor(random() * variants.length)]];
    }),
  ) as Contract;

const AS_ASSUMED = 'as assumed';

/** As it is written for a person: what differs from what is assumed, as `same-key=409, people=lid`. */
export const describeContract = (contract: Contract): string =>
  NAMES.filter((name) => contract[name] !== ASSUMED[name])
    .map((name) => `${name}=${contract[name]}`)
    .join(', ') || AS_ASSUMED;

/**
 * What a person writes, `same-key=409,people=lid`, over what is assumed; nothing, or `as assumed`, is that alone.
 * @returns the contract, or what is wrong with what was written
 */
export const readContract = (text: string): Contract | { readonly problem: string } => {
  let contract: Contract = ASSUMED;
  if (['', AS_ASSUMED].includes(text.trim())) return contract;
  for (const part of text.split(',').map((one) => one.trim())) {
    const [name = '', variant = ''] = part.split('=').map((one) => one.trim());
    if (!Object.hasOwn(ASSUMPTIONS, name)) return { problem: `There is no "${name}". Choose of: ${NAMES.join(', ')}.` };
    const variants = variantsOf(name as AssumptionName);
    if (!variants.includes(variant)) {
      return { problem: `${name} is one of ${variants.join(', ')}, not "${variant}".` };
    }
    contract = { ...contract, [name]: variant };
  }
  return contract;
};

/** Every point with its variants, the assumed one first, for a person who chooses. */
export const listContract = (): string =>
  NAMES.map((name) => {
    const { about, variants } = ASSUMPTIONS[name];
    const rows = variants.map(
      ([variant, does], index) => `  ${variant.padEnd(16)} ${does}${index === 0 ? ' (assumed)' : ''}`,
    );
    return [`${name}: ${about}`, ...rows].join('\n');
  }).join('\n\n');
