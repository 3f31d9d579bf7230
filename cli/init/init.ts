import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { TEMPLATE_NAMES } from '../../lib/client.ts';
import { ROOT, readClient } from '../target/project.ts';
import { askText } from '../terminal/ask.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, withJson } from '../terminal/options.ts';
import { progress, show } from '../terminal/output.ts';
import { clientFile } from './client-template.ts';

interface InitOptions {
  readonly line?: string;
  readonly country?: string;
  readonly zone?: string;
  readonly locale?: string;
  readonly operatorName?: string;
  readonly operatorPhone?: string;
  readonly operatorEmail?: string;
  readonly account?: string;
  readonly region?: string;
  readonly templates?: string;
  readonly folder: string;
  readonly json?: true;
}

const ALL = TEMPLATE_NAMES.join(',');

/** A region may be younger than this checkout, so that it is doubted and no more. */
const doubtRegion = async (region: string | undefined): Promise<void> => {
  if (region === undefined) return;
  const { RegionInfo } = await import('aws-cdk-lib/region-info');
  const known = RegionInfo.regions.map(({ name }) => name);
  if (known.includes(region)) return;
  const near = known.filter((one) => one.startsWith(region.replace(/\d$/, '')));
  const there = near.length === 0 ? '' : ` (there is ${near.join(', ')})`;
  progress(`This checkout knows no region ${region}${there}: look at it again in the client file.`);
};

const init = async (name: string, options: InitOptions): Promise<void> => {
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(name)) {
    throw new WrongInput(`"${name}" is no client name: write lower-case letters, digits and hyphens, at most 30.`);
  }
  if (options.region !== undefined && options.account === undefined) {
    throw new WrongInput(
      `--region ${options.region} says nothing without its account: add --account <12 digits> ("aws sts get-caller-identity" shows it), or leave both out and write "aws" later.`,
    );
  }
  const folder = resolve(options.folder);
  const file = `${folder}/${name}.ts`;
  if (existsSync(file))
    throw new WrongInput(`${relative(process.cwd(), file)} is there already. Edit it, or remove it first.`);
  if (!existsSync(folder)) throw new WrongInput(`The folder ${options.folder} does not exist.`);
  const ask = (given: string | undefined, message: string, option: string, usual: string) =>
    given ?? askText(message, option, usual);
  const answers = {
    name,
    lineId: await ask(options.line, 'Id of the line, as the workspace shows it', '--line <id>', ''),
    ...(options.account !== undefined && { aws: { account: options.account, region: options.region ?? '' } }),
    country: await ask(options.country, 'Country of phone numbers without one', '--country <code>', 'IL'),
    zone: await ask(options.zone, 'Time zone', '--zone <name>', 'Asia/Jerusalem'),
    locale: await ask(options.locale, 'Language of the messages (he or en)', '--locale <code>', 'he'),
    contacts: {
      operator: {
        name: await ask(options.operatorName, 'Your name: whom the client asks', '--operator-name <name>', ''),
        phone: await ask(options.operatorPhone, 'Your own phone, for test messages', '--operator-phone <number>', '+'),
        email: await ask(options.operatorEmail, 'Your e-mail address', '--operator-email <address>', ''),
      },
    },
    templates: (await ask(options.templates, 'Templates, with commas', '--templates <names>', ALL))
      .split(',')
      .filter((one) => one.trim() !== ''),
  };
  writeFileSync(file, clientFile(answers, relative(folder, `${ROOT}/lib/client.ts`)));
  try {
    await readClient(name, folder);
  } catch (error) {
    rmSync(file);
    throw error;
  }
  await doubtRegion(options.region);
  const shown = relative(process.cwd(), file);
  const next = [
    `1. Read ${shown}: the texts${/^(en|he)/.test(answers.locale) ? '' : ', which are English until you translate them'}, the sources, and the decisions that a person must take.`,
    `2. npx ezw deploy ${name}`,
    `3. npx ezw secrets set ${name} line-token, and sources.<source> of each source that "doctor" names`,
    `4. npx ezw secrets rotate ${name} webhook-token`,
    `5. npx ezw webhook register ${name}`,
    `6. npx ezw doctor ${name}`,
    `7. npx ezw test-send ${name}`,
    `8. Until "delivery" is 'live' your own phone alone is written to. docs/first-client.md tells the way to the first real message.`,
  ];
  show(options.json, { client: name, file: shown, next }, `${shown} is written. Next:\n\n${next.join('\n')}`);
};

export const initCommand = (): Command =>
  withJson(new Command('init').argument('<client>'))
    .description('write a client file: asks, or takes everything from options')
    .option('--line <id>', 'id of the line, as the workspace shows it')
    .option('--account <id>', 'AWS account that it is deployed to, with --region; else written later')
    .option('--region <name>', 'its region, such as il-central-1')
    .option('--country <code>', 'where national numbers belong, such as IL')
    .option('--zone <name>', 'time zone, such as Asia/Jerusalem')
    .option('--locale <code>', 'language of the messages, such as he or en')
    .option('--operator-name <name>', 'who runs this client, and whom it asks')
    .option('--operator-phone <number>', 'your own phone with its country: test messages go to it')
    .option('--operator-email <address>', 'your e-mail address')
    .option('--templates <names>', 'templates to turn on, with commas')
    .option('--folder <dir>', 'where to write it', `${ROOT}/clients`)
    .addHelpText(
      'after',
      examples(
        'init bakery',
        `init bakery --line line-1 --country IL --zone Asia/Jerusalem --locale he --operator-name "Dana Levi" --operator-phone +972501234567 --operator-email dana@agency.example --templates ${TEMPLATE_NAMES.at(-1)}`,
      ),
    )
    .action(init);
