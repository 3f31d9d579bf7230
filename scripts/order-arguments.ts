import { localUrl } from '../local/address.ts';
import { readArguments } from '../local/read-arguments.ts';
import { StartError } from '../local/start-error.ts';

const usage = 'Usage: npm run send-order -- [ORDER ID] [--port NUMBER]';

/** Which order to send, and the origin of the stack to send it to. Throws a StartError for what is wrong. */
export function orderArguments(args: string[], env: NodeJS.ProcessEnv): { id: string; url: string } {
  const options = { port: { type: 'string' } } as const;
  const { values, positionals } = readArguments({ args, options, allowPositionals: true }, usage);
  const [id = 'SO-1044', ...others] = positionals;
  if (others.length > 0) throw new StartError(`One order at a time, not also "${others[0]}". ${usage}`);
  return { id, url: localUrl(env, values.port) };
}
