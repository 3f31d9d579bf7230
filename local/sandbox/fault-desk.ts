import type { Connections } from './connections.ts';
import type { FaultPlan, PlannedFault } from './fault-plan.ts';
import type { PlannedOrder } from './fault-schema.ts';
import type { Listener, Refusal } from './listener.ts';

/** A fault that waits for its calls, or the refusal that is under way. */
type ListedFault = PlannedFault | { on: '*'; fault: { kind: 'refuse'; seconds: number }; until: string };

export interface FaultDesk {
  inject(order: PlannedOrder): ListedFault;
  list(): ListedFault[];
  /** Forgets what is planned, ends hung requests and opens a refused port. */
  clear(): Promise<void>;
}

/** One desk for both kinds of fault: those that wait for a call, and the port that refuses connections from now on. */
export function createFaultDesk(plan: FaultPlan, listener: Listener, connections: Connections): FaultDesk {
  return {
    inject: ({ on, fault, times }) =>
      fault.kind === 'refuse' ? listed(listener.refuse(fault.seconds)) : plan.add(on, fault, times),
    list: () => {
      const refusal = listener.refusal();
      return refusal === undefined ? [...plan.list()] : [...plan.list(), listed(refusal)];
    },
    clear: async () => {
      plan.clear();
      connections.releaseAll();
      await listener.reopen();
    },
  };
}

function listed({ seconds, until }: Refusal): ListedFault {
  return { on: '*', fault: { kind: 'refuse', seconds }, until };
}
