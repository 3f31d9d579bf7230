import type { Socket } from 'node:net';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { SandboxEnv } from './env.ts';

export interface Connections {
  /** Leaves the caller without an answer until it hangs up, the time is over, or `releaseAll`; then cuts the connection. */
  hold(c: Context<SandboxEnv>, seconds: number | undefined): Promise<Response>;
  /** Cuts the connection with a TCP reset. */
  reset(c: Context<SandboxEnv>): Response;
  releaseAll(): void;
}

/** What HTTP frameworks have no word for: requests that get no answer at all. */
export function createConnections(): Connections {
  const held = new Set<() => void>();
  return {
    hold: async (c, seconds) => {
      const socket = socketOf(c);
      await new Promise<void>((resolve) => {
        const release = () => {
          clearTimeout(timer);
          held.delete(release);
          resolve();
        };
        const timer = seconds === undefined ? undefined : setTimeout(release, seconds * 1000);
        held.add(release);
        socket.once('close', release);
        if (socket.destroyed) release();
      });
      socket.destroy();
      return RESPONSE_ALREADY_SENT;
    },
    reset: (c) => {
      socketOf(c).resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    },
    releaseAll: () => {
      for (const release of held) release();
    },
  };
}

function socketOf(c: Context<SandboxEnv>): Socket {
  const socket = c.env?.incoming?.socket;
  if (socket === undefined) throw new Error('this fault needs a call through the listener that sandbox.listen() opens');
  return socket;
}
