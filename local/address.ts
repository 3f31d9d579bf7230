import { StartError } from './start-error.ts';

export const usualPort = '8787';
/** Where client files say that the sandbox is; it may be elsewhere this time. */
export const usualSandboxUrl = 'http://127.0.0.1:8788';

/** The port that `npm start` listens on: what was given, else `PORT`, else the usual one; 0 takes any free one. */
export function portOf(env: NodeJS.ProcessEnv, given?: string): number {
  const text = given || env.PORT || usualPort;
  const port = Number(text);
  // The sandbox takes the port after it.
  if (Number.isInteger(port) && port >= 0 && port < 65_535) return port;
  throw new StartError(`The port must be a whole number from 0 to 65534, not "${text}".`);
}

/** Origin of the stack that `npm start` runs with the same environment. */
export function localUrl(env: NodeJS.ProcessEnv, given?: string): string {
  const port = portOf(env, given);
  if (port === 0)
    throw new StartError('Port 0 is a free one that only "npm start" knows: write the port that it printed.');
  return `http://127.0.0.1:${port}`;
}
