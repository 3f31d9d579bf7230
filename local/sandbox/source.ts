import type { Hono } from 'hono';
import type { SandboxEnv } from './env.ts';

/** What stands in for the API at which a source looks up; `stand-in.ts` in its folder exports it as `standIn`. */
export interface SourceStandIn {
  /** Where it is, from the sandbox's root; the folder's name unless given. */
  readonly at?: string;
  /** Where tests and samples fill it, below `/_sandbox/`; the same name unless given. */
  readonly desk?: string;
  /** @param now epoch milliseconds */
  make(now: () => number): {
    /** As the vendor answers. */
    readonly api: Hono<SandboxEnv>;
    /** Puts in place what the vendor is to answer. */
    readonly control: Hono<SandboxEnv>;
  };
}
