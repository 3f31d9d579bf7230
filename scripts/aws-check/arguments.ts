import { readArguments } from '../../local/read-arguments.ts';
import { StartError } from '../../local/start-error.ts';

export interface Arguments {
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly report: string;
  /** Minutes in which nothing happens, so that what idle queues are asked can be counted. */
  readonly waitMinutes: number;
  readonly keep: boolean;
  readonly yes: boolean;
  readonly yesThisAccount: boolean;
  readonly clean: boolean;
}

const usage = 'Usage: npm run aws-check -- [--profile NAME] [--region REGION] [--yes] [--keep] [--clean]';

const help = `${usage}

Deploys a client that nobody has into an AWS account, proves what only AWS can tell, removes all
of it and writes a report. Take an account in which no client runs. docs/aws-check.md has the rest.

  --profile NAME       of your AWS configuration (else as the shell says)
  --region REGION      where (else that of the profile)
  --report FILE        what came of it (aws-check-report.md)
  --wait-minutes N     also waits, and counts what idle queues are asked (0: not counted)
  --keep               removes nothing in the end: --clean does
  --clean              removes what an earlier run left, and does nothing else
  --yes                asks nothing
  --yes-this-account   goes on where stacks of clients stand
  -h, --help           prints this

  npm run aws-check -- --profile empty
  npm run aws-check -- --profile empty --clean`;

const options = {
  profile: { type: 'string' },
  region: { type: 'string' },
  report: { type: 'string', default: 'aws-check-report.md' },
  'wait-minutes': { type: 'string', default: '0' },
  keep: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  'yes-this-account': { type: 'boolean', default: false },
  clean: { type: 'boolean', default: false },
} as const;

/** Throws a StartError for what is wrong, and HelpAsked. */
export const checkArguments = (args: string[]): Arguments => {
  const { values } = readArguments({ args, options }, usage, help);
  const { profile, region, report, keep, yes, clean } = values;
  const waitMinutes = Number(values['wait-minutes']);
  if (!Number.isInteger(waitMinutes) || waitMinutes < 0 || waitMinutes > 600)
    throw new StartError(`--wait-minutes is a whole number up to 600, not "${values['wait-minutes']}". ${usage}`);
  if (keep && clean) throw new StartError(`--keep and --clean are each other's opposite. ${usage}`);
  return { profile, region, report, waitMinutes, keep, yes, clean, yesThisAccount: values['yes-this-account'] };
};
