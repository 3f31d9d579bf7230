import type { Health } from '../../functions/shared/ezwhatsapp/line-api.ts';
import type { Target } from '../target/target.ts';
import type { SandboxControl } from './sandbox-control.ts';

/** One acceptance run: what its steps share. */
export interface Run {
  readonly target: Target;
  /** Stands in the id of every event of the run, and so in every key. */
  readonly id: string;
  /** The one number that messages go to, E.164; undefined: nothing is sent. */
  readonly to: string | undefined;
  /** Only where messages go to the sandbox. */
  readonly sandbox: SandboxControl | undefined;
  /** Leaves out the test that kills the sender, which costs a minute. */
  readonly quick: boolean;
  /** Id of the conversation that a message went to, if it is known. */
  readonly conversation: (key: string) => Promise<string | undefined>;
  readonly health: Health;
  /** Epoch milliseconds. */
  readonly healthAskedAt: number;
}

/** Why nothing can be sent, as a sentence; undefined if it can. */
export const cannotSend = ({ to, health }: Run) => {
  if (to === undefined) return { say: 'template_no_to' } as const;
  return health.sendable ? undefined : ({ say: 'template_line' } as const);
};
