import { Command } from 'commander';
import { readClient } from '../target/project.ts';
import { openTarget } from '../target/target.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show, style } from '../terminal/output.ts';
import { diagnose, type Finding } from './diagnosis.ts';

const MARKS = { good: style('green', '✓'), warning: style('yellow', '!'), bad: style('red', '✗') } as const;

const line = ({ level, about, found, todo }: Finding): string =>
  `${MARKS[level]} ${style('bold', about)}: ${found}${todo === undefined ? '' : `\n    → ${todo}`}`;

interface DoctorOptions extends TargetOptions {
  readonly beforeDeploy?: true;
  readonly profile?: string;
}

/** Of an account into which a client is to be deployed: it needs no stack. */
const lookBefore = async (clientName: string, hasOwnProfile: boolean): Promise<readonly Finding[]> => {
  const client = await readClient(clientName);
  return (await import('./before-deploy.ts')).beforeDeploy(client, { hasOwnProfile });
};

const doctor = async (clientName: string, options: DoctorOptions): Promise<void> => {
  const { beforeDeploy, profile, local, json } = options;
  if (local !== undefined && (beforeDeploy || profile !== undefined)) {
    throw new WrongInput(
      `${beforeDeploy ? '--before-deploy' : '--profile'} asks AWS, and --local the stack on this machine, which nobody deploys: leave one of them out.`,
    );
  }
  // The SDK's own way to name it, and that of whatever this command says to type.
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  const look = async () => {
    if (beforeDeploy)
      return { where: 'before-deploy', findings: await lookBefore(clientName, profile !== undefined) } as const;
    const target = await openTarget(clientName, options);
    return { where: target.where, findings: await diagnose(target) };
  };
  const { where, findings } = await look();
  const healthy = findings.every(({ level }) => level !== 'bad');
  show(json, { client: clientName, where, healthy, findings }, findings.map(line).join('\n'));
  if (!healthy) process.exitCode = 1;
};

export const doctorCommand = (): Command =>
  withTarget(new Command('doctor').argument('<client>'))
    .description('look at everything a client needs and say what to do; exit code 1 if something is bad')
    .option(
      '--before-deploy',
      'what can be known before a deployment: credentials, account, quotas, the stack; it needs none',
    )
    .option('--profile <name>', 'of your AWS configuration, as AWS_PROFILE')
    .addHelpText(
      'after',
      examples('doctor bakery', 'doctor demo --local', 'doctor bakery --before-deploy --profile agency'),
    )
    .action(doctor);
