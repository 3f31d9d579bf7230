import { type ParseArgsConfig, parseArgs } from 'node:util';
import { HelpAsked, StartError } from './start-error.ts';

type Read<Config extends ParseArgsConfig> = ReturnType<typeof parseArgs<Config>>;

/**
 * Reads a command line. Throws a StartError that names what is not known and says how it goes, or HelpAsked for `--help` and
 * `-h`.
 */
export function readArguments<Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
  help = usage,
): Read<Config> {
  const options = { ...config.options, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const read = parseArgs({ ...config, options });
    if ((read.values as { help?: boolean }).help) throw new HelpAsked(help);
    return read as Read<Config>;
  } catch (error) {
    if (error instanceof HelpAsked) throw error;
    const [sentence = ''] = (error as Error).message.split('. ');
    throw new StartError(`${sentence}. ${usage}`);
  }
}
