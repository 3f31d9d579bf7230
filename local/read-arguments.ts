import { type ParseArgsConfig, parseArgs } from 'node:util';
import { StartError } from './start-error.ts';

type Read<Config extends ParseArgsConfig> = ReturnType<typeof parseArgs<Config>>;

/** Reads a command line. Throws a StartError that names what is not known and says how it goes. */
export function readArguments<Config extends ParseArgsConfig>(config: Config, usage: string): Read<Config> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('. ');
    throw new StartError(`${sentence}. ${usage}`);
  }
}
