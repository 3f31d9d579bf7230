import { call } from '../terminal/call.ts';
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
  const control = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const { ok, status, text } = await call(`${origin}${path}`, { method, ...init });
    if (!ok) throw new Failed(`The sandbox answered ${method} ${path} with ${status}.`);
    return (status === 204 ? undefined : JSON.parse(text)) as T;
  };
  return {
    messages: async (key: string) =>
      (await control<SandboxMessage[]>('GET', '/_sandbox/messages')).filter((one) => one.key === key),
    calls: () => control<SandboxCall[]>('GET', '/_sandbox/requests'),
    faults: () => control<PlannedFault[]>('GET', '/_sandbox/faults'),
    /** Strikes the next call of this kind, once. */
    fault: (on: string, fault: object) => control<object>('POST', '/_sandbox/faults', { on, fault, times: 1 }),
    clearFaults: () => control<undefined>('DELETE', '/_sandbox/faults'),
    call: control,
    /** Lets the local scheduler ring what is due by then; a clock that is ahead already stays. */
    moveClock: async (now: string): Promise<void> => {
      await control<object>('POST', '/_local/clock', { now }).catch(() => undefined);
    },
    pids: async (name: string): Promise<readonly number[]> => {
      const { functions } = await control<{ functions: Record<string, { pids: number[] }> }>('GET', '/_local/state');
      return functions[name]?.pids ?? [];
    },
  };
};

export type SandboxControl = ReturnType<typeof sandboxControl>;
