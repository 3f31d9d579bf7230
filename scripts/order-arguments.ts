import { localUrl, usualPort } from '../local/address.ts';
import { readArguments } from '../local/read-arguments.ts';
import { StartError } from '../local/start-error.ts';

const usage = 'Usage: npm run send-order -- [ORDER ID] [--port NUMBER]';

const help = `${usage}

Sends one signed order, as an ERP would, to the stack of "npm start".

  ORDER ID          its number, SO-1044 unless given; the same one again is the same order
  --port NUMBER     where the stack listens (PORT, else ${usualPort})
  -h, --help        prints this

  npm run send-order SO-7
  npm run send-order SO-7 -- --port 9100`;

/** Which order to send, and the origin of the stack to send it to. Throws a StartError for what is wrong, and HelpAsked. */
export function orderArguments(args: string[], env: NodeJS.ProcessEnv): { id: string; url: string } {
  const options = { port: { type: 'string' } } as const;
  const { values, positionals } = readArguments({ args, options, allowPositionals: true }, usage, help);
  const [id = 'SO-1044', ...others] = positionals;
  if (others.length > 0) throw new StartError(`One order at a time, not also "${others[0]}". ${usage}`);
  return { id, url: localUrl(env, values.port) };
}
