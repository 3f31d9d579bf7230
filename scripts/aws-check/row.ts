import type { call } from '../../cli/terminal/call.ts';
import type { Aws, Place } from './aws.ts';
import type { Variant } from './clients.ts';
import type { Ended } from './commands.ts';

/** What a row works with. All that takes time ends early, and with an error, after Ctrl-C. */
export interface Check {
  readonly aws: Aws;
  readonly place: Place;
  /** Writes the client file of a name, for the commands that follow. */
  readonly write: (name: string, variant?: Variant) => void;
  /** The operator's own command. @param input what is piped into it */
  readonly ezw: (args: readonly string[], input?: string) => Promise<Ended>;
  /** The CDK's command, which reads the one client file. */
  readonly cdk: (client: string, args: readonly string[]) => Promise<Ended>;
  /** The AWS CLI, for what none of our SDK clients asks. It rejects where there is none. */
  readonly cli: (args: readonly string[]) => Promise<Ended>;
  readonly call: typeof call;
  readonly pause: (ms: number) => Promise<void>;
  readonly now: () => Date;
  /** Made up for this run: by it the door knows its sender. */
  readonly secret: string;
  readonly waitMinutes: number;
}

export type Result = 'pass' | 'fail' | 'skipped';

export interface Answer {
  readonly result: Result;
  /** In short, in one line, of AWS or why it was not asked. */
  readonly answered: string;
}

export interface Row {
  readonly name: string;
  /** What is so if it passes. */
  readonly proves: string;
  /** What AWS is asked. */
  readonly asked: string;
  /** Rows without which this one cannot be tried. */
  readonly needs?: readonly string[];
  readonly run: (check: Check) => Promise<Answer>;
}

export const passIf = (isSo: boolean, answered: string): Answer => ({ result: isSo ? 'pass' : 'fail', answered });

export const skipped = (why: string): Answer => ({ result: 'skipped', answered: why });
