import { Failed } from '../terminal/errors.ts';

export interface SandboxMessage {
  readonly key: string;
  readonly to?: string;
}

export interface SandboxCall {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly key?: string;
  readonly status: number | string;
}

export interface PlannedFault {
  readonly on: string;
  readonly fault: { readonly kind: string; readonly status?: number };
}

/** The controls of the local stack's sandbox, and the ids of its functions' processes. */
export const sandboxControl = (origin: string) => {
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${origin}${path}`, { method, ...init });
    if (!response.ok) throw new Failed(`The sandbox answered ${method} ${path} with ${response.status}.`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  return {
    messages: async (key: string) =>
      (await call<SandboxMessage[]>('GET', '/_sandbox/messages')).filter((one) => one.key === key),
    calls: () => call<SandboxCall[]>('GET', '/_sandbox/requests'),
    faults: () => call<PlannedFault[]>('GET', '/_sandbox/faults'),
    /** Strikes the next call of this kind, once. */
    fault: (on: string, fault: object) => call<object>('POST', '/_sandbox/faults', { on, fault, times: 1 }),
    clearFaults: () => call<undefined>('DELETE', '/_sandbox/faults'),
    call,
    /** Lets the local scheduler ring what is due by then; a clock that is ahead already stays. */
    moveClock: async (now: string): Promise<void> => {
      await call<object>('POST', '/_local/clock', { now }).catch(() => undefined);
    },
    pids: async (name: string): Promise<readonly number[]> => {
      const { functions } = await call<{ functions: Record<string, { pids: number[] }> }>('GET', '/_local/state');
      return functions[name]?.pids ?? [];
    },
  };
};

export type SandboxControl = ReturnType<typeof sandboxControl>;
