import { durationMs } from '../shared/hours/duration.ts';
import type { LineLetters } from './config.ts';
import { LETTER_WORDS, type LetterWords } from './letter-words.ts';

/** What a letter to the client's own contact says of the client. Runs at synth and is in no bundle. */
export interface LetterFacts {
  readonly client: string;
  readonly lineId: string;
  /** Where the workspace is opened, as people type it: a letter with a link in it is what they have learnt not to follow. */
  readonly workspace: string;
  readonly operator: { readonly name: string; readonly email: string };
  readonly to?: { readonly name: string; readonly email: string } | undefined;
  readonly locale: string;
  /** For how long messages help after what they tell of, as ISO durations. */
  readonly usefulFor: readonly string[];
}

const HOUR_MS = 3600_000;

/** `24 hours`, `2 days`: what a person would say. */
const inWords = (ms: number, language: string): string => {
  const [unit, size] =
    ms >= 48 * HOUR_MS && ms % (24 * HOUR_MS) === 0
      ? (['day', 24 * HOUR_MS] as const)
      : ms >= HOUR_MS && ms % HOUR_MS === 0
        ? (['hour', HOUR_MS] as const)
        : (['minute', 60_000] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(
    ms / size,
  );
};

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);

/**
 * What whoever holds the phone of the line is written, by the code of the notice, in their language or else in English. `{at}`, when it happened, is left to whoever sends it.
 */
export const lineLetters = ({
  client,
  lineId,
  workspace,
  operator,
  to,
  locale,
  usefulFor,
}: LetterFacts): LineLetters => {
  const spoken = locale.split('-')[0] ?? '';
  const language = Object.hasOwn(LETTER_WORDS, spoken) ? spoken : 'en';
  const words = LETTER_WORDS[language] as LetterWords;
  const soonest = Math.min(...usefulFor.map(durationMs));
  const values = {
    client,
    line: lineId,
    workspace,
    operator: operator.name,
    email: operator.email,
    ...(Number.isFinite(soonest) && { usefulFor: inWords(soonest, language) }),
  };
  const letter = ({ subject, happened, waits, steps }: LetterWords['unlinked']) => ({
    subject: fill(subject, values),
    text: [
      words.hello(to?.name),
      '',
      fill(happened, values),
      '',
      words.means,
      fill(waits, values),
      ...(Number.isFinite(soonest) ? [fill(words.soonest, values)] : []),
      '',
      words.todo,
      ...steps.map((step, i) => `${i + 1}. ${fill(step, values)}`),
      '',
      fill(words.ask, values),
      words.never,
    ].join('\n'),
  });
  return {
    ...(to && { to: { name: to.name, email: to.email } }),
    replyTo: operator.email,
    language: language === spoken ? locale : language,
    byCode: { line_unlinked: letter(words.unlinked), line_banned: letter(words.banned) },
  };
};
