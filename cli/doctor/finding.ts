/** How something stands. */
export interface Finding {
  readonly level: 'good' | 'warning' | 'bad';
  readonly about: string;
  readonly found: string;
  /** What is told of it by mail, where `found` holds words of other systems or is short for a table. */
  readonly told?: string;
  /** Only where there is something to do: a line for each step. A command stands at the end of its line, so that it can be typed as it stands. */
  readonly todo?: string;
  /** The outside system whose failure it is, the same for all clients that it fails: of many of them people are told once. */
  readonly outage?: string;
  /** One client alone may have it for reasons of its own: it is an outage where two have it, or where there is no other. */
  readonly isSign?: true;
  /** It could not be looked at: what stood before is neither better nor worse. */
  readonly isUnknown?: true;
  /** Whether it is there is not sure just now: what was told of it stands, and nobody is told anew. */
  readonly isUnsure?: true;
  /** Nothing now, and of whoever looks again and again bad where it lasts. */
  readonly lasting?: true;
  /** How much there is of it. More of the same is told again when it has become much more. */
  readonly size?: number;
  /** How much more there may be, as somebody looks at it just now: what comes back from there is no more of it than was told. */
  readonly held?: number;
}

/** What is to be done, step by step. */
export const steps = (...lines: readonly string[]): string => lines.join('\n');
