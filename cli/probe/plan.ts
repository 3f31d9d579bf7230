import type { SendName } from './evidence.ts';

/** What is asked for beside the plain sends. */
export interface Wanted {
  /** Address of a picture. */
  readonly media?: string | undefined;
  readonly hasWebhooks: boolean;
  /** Whether a webhook is refused, to see when it comes again. */
  readonly retries: boolean;
  readonly unlinked: boolean;
}

/** What is to be sent, in its order: each is a message at most. `conversation` is left out where no webhook names one. */
export const plannedSends = ({ media, hasWebhooks, retries, unlinked }: Wanted): readonly SendName[] => [
  'text',
  'same-key',
  'other-body',
  'no-key',
  'bad-token',
  'bad-to',
  'long-text',
  ...(media === undefined ? [] : (['media'] as const)),
  ...(hasWebhooks ? (['conversation'] as const) : []),
  ...(hasWebhooks && retries ? (['retried'] as const) : []),
  ...(hasWebhooks ? (['twice'] as const) : []),
  ...(unlinked ? (['unlinked'] as const) : []),
];

/** Whatever goes wrong, no more leave than these. */
export const MOST_MESSAGES = 12;

/** With what the text of a message begins. A run's name is made of letters: no number is in it that could be taken for a phone. */
export const markerOf = (run: string, n: number, of: number): string => `EZWhatsApp probe ${n} of ${of} (${run})`;

export const textOf = (marker: string): string => `${marker}: this is a test, there is nothing to do.`;

const LONG = 5_000;

export const longTextOf = (marker: string): string => `${textOf(marker)} ${'x '.repeat(LONG)}`.slice(0, LONG);

/** A key that no event of a template has: theirs begin with what they are about. */
export const keyOf = (run: string, name: SendName): string => `probe:${run}:${name}`;

/** No number, and nothing like one. */
export const BAD_TO = 'nobody';

/** No line has it: shaped as a token, so that it is looked up. */
export const BAD_TOKEN = 'ezw_line_that_no_line_has';
