import { Command } from 'commander';
import { sourceNamed, sourceSecretOf, usualEvent } from './target/registry.ts';
import { openTarget } from './target/target.ts';
import { WrongInput } from './terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from './terminal/options.ts';
import { show } from './terminal/output.ts';
import { parseInput, readInput } from './terminal/read-input.ts';

interface SignOptions extends TargetOptions {
  readonly client: string;
}

/** As one word of a POSIX shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const sign = async (template: string, sourceName: string, file: string, options: SignOptions): Promise<void> => {
  const source = sourceNamed(template, sourceName);
  const text = (await readInput(file)).trim();
  if (/^[[{]/.test(text)) parseInput(text, file);
  else if (file.endsWith('.json')) throw new WrongInput(`${file} is not JSON.`);
  const target = await openTarget(options.client, options);
  const { headers, body } = source.sign(text, await sourceSecretOf(target, sourceName), new Date());
  const url = `${target.url}/${template}/${sourceName}`;
  const headerOptions = Object.entries(headers).map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)} \\`);
  const command = [`curl -sS -X POST ${quoted(url)} \\`, ...headerOptions, `  --data-binary ${quoted(body)}`];
  show(options.json, { method: 'POST', url, headers, body }, command.join('\n'));
};

/** A template and its own event, for examples. */
const USUAL = usualEvent().join(' ');

export const signCommand = (): Command =>
  withTarget(new Command('sign').argument('<template>').argument('<source>').argument('<file>'))
    .description('sign an event with the stored secret and print the request as a command to paste')
    .requiredOption('--client <name>', 'whose door and secret')
    .addHelpText(
      'after',
      examples(`sign ${USUAL} event.json --client bakery`, `sign ${USUAL} event.json --client demo --local | sh`),
    )
    .action(sign);
