import { ASSUMPTIONS, type AssumptionName, NAMES, variantsOf } from '../../local/sandbox/contract/assumptions.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, unasked } from './finding.ts';
import { NOT_REACHED, OF_SENDS } from './of-sends.ts';
import { OF_WEBHOOKS } from './of-webhooks.ts';

/** What the line says of one assumption. */
export interface Verdict {
  readonly assumption: AssumptionName;
  readonly about: string;
  readonly state: 'seen' | 'contradicted' | 'assumed';
  /** The variant that was seen; none where it is none of the known, or was not asked. */
  readonly variant?: string;
  readonly assumed: string;
  readonly found: string;
  /** Whether the product is right all the same. */
  readonly isRight: boolean;
  readonly rests: readonly (readonly [path: string, what: string])[];
  readonly todo: string;
}

/** Points in which the product does nothing that an answer nobody thought of could make wrong. */
const RIGHT_WHATEVER: ReadonlySet<AssumptionName> = new Set([
  'no-key',
  'other-body',
  'answer-id',
  'long-text',
  'bad-to',
  'errors',
  'old-token',
  'health',
  'proof',
]);

/** How to ask what was not asked. */
const HOW: Partial<Readonly<Record<AssumptionName, string>>> = {
  media: '--media https://… names a small picture',
  unlinked: '--unlinked asks you to unlink the phone, and to link it again',
  health: '--unlinked asks you to unlink the phone, and to link it again',
  'old-token': '--rotated asks you to rotate the token',
  registration: 'register the client’s own first (npx ezw webhook register), then --webhook and --port',
};

const BY_WEBHOOK = '--webhook https://<tunnel> --port <port> listens for what EZWhatsApp tells';

const wordsOf = (name: AssumptionName, variant: string): string =>
  ASSUMPTIONS[name].variants.find(([one]) => one === variant)?.[1] ?? variant;

const todoOf = (name: AssumptionName, finding: Finding, isRight: boolean): string => {
  if (finding.is === 'unasked') {
    return HOW[name] ?? (OF_WEBHOOKS.some(([one]) => one === name) ? BY_WEBHOOK : 'run the probe again');
  }
  if (finding.is === 'other' && !isRight) {
    return 'send this report to whoever maintains these templates, and hold the line until they answer if it is about sends (npx ezw line pause)';
  }
  return isRight ? 'nothing: the product is right under either' : 'nothing';
};

const verdictOf = (name: AssumptionName, finding: Finding): Verdict => {
  const { about, rests } = ASSUMPTIONS[name];
  const [assumed = ''] = variantsOf(name);
  const isRight = finding.is !== 'other' || RIGHT_WHATEVER.has(name);
  const state =
    finding.is === 'unasked'
      ? 'assumed'
      : finding.is === 'variant' && finding.variant === assumed
        ? 'seen'
        : 'contradicted';
  const does = finding.is === 'variant' ? `${wordsOf(name, finding.variant)} (${finding.found})` : finding.found;
  return {
    assumption: name,
    about,
    state,
    ...(finding.is === 'variant' && { variant: finding.variant }),
    assumed,
    found: finding.is === 'other' ? `none of the known: ${does}` : does,
    isRight,
    rests,
    todo: state === 'seen' ? 'nothing' : todoOf(name, finding, isRight),
  };
};

const LOOKS: ReadonlyMap<string, (evidence: Evidence) => Finding> = new Map([...OF_SENDS, ...OF_WEBHOOKS]);

const haltedOr = ({ halted }: Evidence, finding: Finding): Finding =>
  halted !== undefined && finding.is === 'unasked' && finding.found === NOT_REACHED
    ? unasked(`not asked: ${halted}`)
    : finding;

/** One for each assumption, in their order. */
export const verdictsOn = (evidence: Evidence): readonly Verdict[] =>
  NAMES.map((name) => verdictOf(name, haltedOr(evidence, LOOKS.get(name)?.(evidence) ?? unasked('nothing asks it'))));

/** With another finding in the place of one: what a day later showed. */
export const withFinding = (verdicts: readonly Verdict[], name: AssumptionName, finding: Finding): readonly Verdict[] =>
  verdicts.map((verdict) => (verdict.assumption === name ? verdictOf(name, finding) : verdict));

/** A line for people. */
export const wordsOfVerdict = ({ assumption, state, variant, found, isRight }: Verdict): string => {
  if (state === 'assumed') return `${assumption}: assumed, ${found}`;
  if (state === 'seen') return `${assumption}: as assumed – ${found}`;
  const right = isRight ? 'the product is right under either' : 'what rests on it may be wrong';
  return `${assumption}${variant === undefined ? '' : `=${variant}`}: ${found}; ${right}`;
};

export const isWrong = ({ state, isRight }: Verdict): boolean => state === 'contradicted' && !isRight;
