import type { LogLine } from './lambda/definition.ts';

/** A line, and when it came (epoch milliseconds). */
export interface KeptLine extends LogLine {
  readonly at: number;
}

/** Enough for a test or an afternoon; the terminal has the rest. */
const maxLines = 50_000;

/** The last lines that the functions wrote, oldest first. */
export class Logs {
  readonly #lines: KeptLine[] = [];
  readonly #print: (line: LogLine) => void;

  constructor(print: (line: LogLine) => void) {
    this.#print = print;
  }

  add(line: LogLine): void {
    this.#lines.push({ ...line, at: Date.now() });
    if (this.#lines.length > maxLines) this.#lines.splice(0, maxLines / 10);
    this.#print(line);
  }

  all(): KeptLine[] {
    return [...this.#lines];
  }
}
