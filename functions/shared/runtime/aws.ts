import { Agent } from 'node:https';
import { keptFresh } from './fresh-sockets.ts';
import { within } from './in-time.ts';

/** What AWS forgets of a connection that says nothing it forgets after minutes; and three that are dead would be all attempts of a call. */
const MAX_IDLE_MS = 60_000;

/** One attempt of a call, milliseconds. By itself the SDK only warns when `requestTimeout` is over, and goes on waiting. */
export const AWS_CLIENT = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 500,
    requestTimeout: 1_500,
    socketTimeout: 1_500,
    throwOnRequestTimeout: true,
    httpsAgent: keptFresh(new Agent({ keepAlive: true, maxSockets: 50 }), MAX_IDLE_MS),
  },
} as const;

/** A call with all its attempts: shops wait 5 s for a door, and the rest of them is for the way there and back. */
export const CALL_MS = 4_500;
/** Kept of an invocation for its answer. */
export const ANSWER_MS = 250;

interface Sends {
  send(command: never, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/**
 * The client, each of whose calls ends within `callMs`, and before its invocation does, whatever the other side does. The limits of an attempt know no body that
 * trickles in, and a `Retry-After` makes the SDK wait up to five seconds more between two of them. A call may bring a shorter
 * `abortSignal` of its own. It rejects with a `TimeoutError`, and then it is not known whether the call took effect.
 * @param keptMs of the invocation, for what is to be done after the call
 */
export const bounded = <Client extends Sends>(client: Client, callMs = CALL_MS, keptMs = ANSWER_MS): Client => {
  // Of the class, looked up at each call: that is where a test's stand-in sits.
  const { prototype } = client.constructor as { prototype: Sends };
  const send: Sends['send'] = async (command, options) => {
    const abortSignal = options?.abortSignal ?? AbortSignal.timeout(within(callMs, keptMs));
    try {
      return await prototype.send.call(client, command, { ...options, abortSignal });
    } catch (error) {
      throw abortSignal.aborted ? abortSignal.reason : error;
    }
  };
  return Object.assign(client, { send });
};
