import { Command } from 'commander';
import { openTarget } from '../target/target.ts';
import { examples, type TargetOptions, withTarget } from '../terminal/options.ts';
import { show, style } from '../terminal/output.ts';
import { diagnose, type Finding } from './diagnosis.ts';

const MARKS = { good: style('green', '✓'), warning: style('yellow', '!'), bad: style('red', '✗') } as const;

const line = ({ level, about, found, todo }: Finding): string =>
  `${MARKS[level]} ${style('bold', about)}: ${found}${todo === undefined ? '' : `\n    → ${todo}`}`;

const doctor = async (clientName: string, options: TargetOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const findings = await diagnose(target);
  const healthy = findings.every(({ level }) => level !== 'bad');
  show(options.json, { client: clientName, where: target.where, healthy, findings }, findings.map(line).join('\n'));
  if (!healthy) process.exitCode = 1;
};

export const doctorCommand = (): Command =>
  withTarget(new Command('doctor').argument('<client>'))
    .description('look at everything a client needs and say what to do; exit code 1 if something is bad')
    .addHelpText('after', examples('doctor bakery', 'doctor demo --local'))
    .action(doctor);
