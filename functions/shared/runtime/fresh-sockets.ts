import type { Agent, ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

/** The method of every agent that is asked for a socket: not in the types, and what agents of others replace too (https://github.com/TooTallNate/proxy-agents/tree/main/packages/agent-base). */
interface Asked {
  addRequest(...asked: unknown[]): unknown;
  reuseSocket: Agent['reuseSocket'];
}

const freeSince = new WeakMap<object, number>();
/** By sockets: what they were used again for last. */
const reusedFor = new WeakMap<object, ClientRequest & { readonly res?: { readonly complete: boolean } }>();

/**
 * The agent, with no socket used again that idled longer: after a freeze the other side has long closed it, or whatever stood between
 * has forgotten it and answers nothing. Measured of each socket and by the wall clock, for timers may stand still in a freeze. Where one that
 * was used again dies without an answer, those that idle beside it went through the same: the next attempt gets a new one.
 */
export const keptFresh = <Kept extends Agent>(agent: Kept, maxIdleMs: number): Kept => {
  const addRequest = (agent as unknown as Asked).addRequest.bind(agent);
  const reuseSocket = agent.reuseSocket.bind(agent);
  const drop = (idleMs: number): void => {
    const now = Date.now();
    for (const socket of Object.values(agent.freeSockets).flat())
      if (socket && now - (freeSince.get(socket) ?? 0) > idleMs) socket.destroy();
  };
  const asked: Asked = {
    addRequest: (...given) => {
      drop(maxIdleMs);
      return addRequest(...given);
    },
    reuseSocket: (socket, request) => {
      reusedFor.set(socket, request);
      reuseSocket(socket, request);
    },
  };
  agent.on('free', (socket: Duplex) => {
    if (!freeSince.has(socket)) {
      socket.once('close', () => {
        const last = reusedFor.get(socket);
        if (last && !last.res?.complete) drop(-1);
      });
    }
    freeSince.set(socket, Date.now());
  });
  return Object.assign(agent, asked);
};
