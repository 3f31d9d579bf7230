import type { Agent } from 'node:http';

/** The method of every agent that is asked for a socket: not in the types, and what agents of others replace too (https://github.com/TooTallNate/proxy-agents/tree/main/packages/agent-base). */
interface Asked {
  addRequest(...asked: unknown[]): unknown;
}

const freeSince = new WeakMap<object, number>();

/**
 * The agent, with no socket used again that idled longer: after a freeze the other side has long closed it, or whatever stood between
 * has forgotten it and answers nothing. Measured of each socket and by the wall clock, for timers may stand still in a freeze.
 */
export const keptFresh = <Kept extends Agent>(agent: Kept, maxIdleMs: number): Kept => {
  const addRequest = (agent as unknown as Asked).addRequest.bind(agent);
  const asked: Asked = {
    addRequest: (...given) => {
      const now = Date.now();
      for (const socket of Object.values(agent.freeSockets).flat())
        if (socket && now - (freeSince.get(socket) ?? 0) > maxIdleMs) socket.destroy();
      return addRequest(...given);
    },
  };
  agent.on('free', (socket: object) => freeSince.set(socket, Date.now()));
  return Object.assign(agent, asked);
};
