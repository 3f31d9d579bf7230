import { randomUUID } from 'node:crypto';
import { type CallFault, type FaultTarget, outside, type PlannedOrder } from './fault-schema.ts';

/** A fault in waiting. `left` is how many more calls it strikes, 0 when it strikes until cleared. */
export interface PlannedFault {
  id: string;
  on: PlannedOrder['on'];
  fault: CallFault;
  left: number;
}

export interface FaultPlan {
  add(on: PlannedOrder['on'], fault: CallFault, times: number): PlannedFault;
  /** The oldest fault for this call, used up by one. */
  take(target: FaultTarget): CallFault | undefined;
  list(): readonly PlannedFault[];
  clear(): void;
}

export function createFaultPlan(): FaultPlan {
  let planned: PlannedFault[] = [];
  return {
    add: (on, fault, times) => {
      const entry = { id: randomUUID(), on, fault, left: times };
      planned.push(entry);
      return entry;
    },
    take: (target) => {
      const entry = planned.find(({ on }) => on === target || (on === '*' && !outside.some((name) => name === target)));
      if (entry === undefined) return undefined;
      if (entry.left === 1) planned = planned.filter((other) => other !== entry);
      if (entry.left > 1) entry.left -= 1;
      return entry.fault;
    },
    list: () => planned,
    clear: () => {
      planned = [];
    },
  };
}
