import { Command } from 'commander';
import { readClient } from '../target/project.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, withJson } from '../terminal/options.ts';
import { show } from '../terminal/output.ts';
import { decisionForm, UNSUPPORTED_ASKS } from './unsupported-asks.ts';

interface DecisionsOptions {
  readonly client?: string;
  readonly json?: true;
}

const decisions = async (ask: string | undefined, options: DecisionsOptions): Promise<void> => {
  const asked = UNSUPPORTED_ASKS.filter((one) => ask === undefined || one.ask === ask);
  if (asked.length === 0) {
    throw new WrongInput(`There is no ask "${ask}". There are: ${UNSUPPORTED_ASKS.map((one) => one.ask).join(', ')}.`);
  }
  const decided = options.client ? (await readClient(options.client)).decisions : [];
  const open = asked.filter((one) => !decided.some((decision) => decision.ask === one.ask));
  const text =
    open.length === 0
      ? 'Every one of them is decided in the client file.'
      : `Put into "decisions: [ … ]" of the client file what was decided, by whom and why:\n\n${open.map((one) => decisionForm(one)).join('\n')}`;
  show(options.json, { open: open.map(({ ask: name, what, usually }) => ({ ask: name, what, usually })) }, text);
};

export const decisionsCommand = (): Command =>
  withJson(new Command('decisions').argument('[ask]'))
    .description('forms for what the vendor does not support and a person must decide')
    .option('--client <name>', 'leave out what this client file has decided')
    .addHelpText('after', examples('decisions', 'decisions bots', 'decisions --client bakery'))
    .action(decisions);
