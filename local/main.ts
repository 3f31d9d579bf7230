import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkFree } from './http.ts';
import type { LogLine } from './lambda/definition.ts';
import { asWritten, forPeople } from './log-line.ts';
import { readOptions } from './options.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { HelpAsked, StartError } from './start-error.ts';
import { synthesise } from './synth.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

let synth: ChildProcess | undefined;
let stack: LocalStack | undefined;
let stopping = false;

const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  synth?.kill();
  await stack?.stop();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
// A signal that reaches npm alone ends its shell and not this process, which would keep the ports for ever.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && stop(), 500).unref();

try {
  const { client, json, ...options } = readOptions(process.argv.slice(2), process.env, root);
  await checkFree([options.port, options.port === 0 ? 0 : options.port + 1]);
  const show = json || !process.stdout.isTTY ? asWritten : forTerminal;
  const began = Date.now();
  console.log(`Synthesising Ezw-${client} …`);
  const assembly = await synthesise(client, root, (child) => {
    synth = child;
  });
  console.log('Starting tables, queues, secrets and functions …');
  stack = await startLocalStack({ assembly, client, ...options, log: (line) => console.log(show(line)) });
  greet(stack, options, Date.now() - began);
} catch (error) {
  if (error instanceof HelpAsked) {
    console.log(error.message);
  } else if (!stopping) {
    console.error(error instanceof StartError ? error.message : error);
    process.exit(error instanceof StartError ? 2 : 1);
  }
}

/** A terminal itself knows of NO_COLOR, and whether it has colours at all. */
function forTerminal(line: LogLine): string {
  return forPeople(line, new Date(), process.stdout.hasColors());
}

function greet({ url, sandboxUrl, routes }: LocalStack, options: { ezwUrl?: string; data?: string }, ms: number): void {
  const seconds = (ms / 1000).toFixed(1);
  console.log(`
Ready in ${seconds} s. ${options.data ? `Data is kept in ${options.data}.` : 'Data is in memory (--data DIR keeps it).'}

  Doors     ${routes.map((route) => route.replace(' ', ` ${url}`)).join('\n            ')}
  Messages  ${url}/   ${options.ezwUrl ? `(sends go to ${options.ezwUrl}, not here)` : 'what EZWhatsApp was asked to send'}
  State     ${url}/_local/state   tables, queues, functions
  Sandbox   ${sandboxUrl}   stands in for EZWhatsApp and for the shop

Next: send an event to a door, as the README shows. Ctrl-C stops.
`);
}
