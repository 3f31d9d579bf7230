import { Command } from 'commander';
import { type Client, TEMPLATE_NAMES, turnedOn } from '../../lib/client.ts';
import { wantsDashboard } from '../../lib/watch-names.ts';
import { readClient } from '../target/project.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, wholeNumber, withJson } from '../terminal/options.ts';
import { columns, progress, show } from '../terminal/output.ts';
import { anybody } from './anybody.ts';
import { type Bill, idleOf, sumOf, timesOf, totalOf } from './idle.ts';
import { DAYS, PER_WAKE, PRICES, SENT, TOLD, type Use, WATCHED } from './prices.ts';

interface CostOptions {
  readonly events: number;
  readonly templates?: number;
  readonly client?: string;
  readonly json?: true;
}

const billOf = (use: Use): Bill => ({
  'API Gateway': use.gatewayRequests * PRICES.httpApiRequest,
  Lambda: use.invocations * PRICES.lambdaRequest + use.gbSeconds * PRICES.lambdaGbSecond,
  DynamoDB: use.writes * PRICES.dynamoDbWrite + use.reads * PRICES.dynamoDbRead,
  SQS: use.standardCalls * PRICES.sqsCall + use.fifoCalls * PRICES.sqsFifoCall,
  'CloudWatch Logs': (use.logBytes / 1e9) * PRICES.logGigabyte,
});

const WATCH_OF_CLIENT: Bill = {
  DynamoDB: WATCHED.reads * PRICES.dynamoDbRead,
  KMS: WATCHED.keyUses * PRICES.kmsCall,
  'Secrets Manager': WATCHED.secretReads * PRICES.secretCall,
  SQS: WATCHED.standardCalls * PRICES.sqsCall,
};

const WAKE: Bill = {
  Lambda: PER_WAKE.gbSeconds * PRICES.lambdaGbSecond,
  DynamoDB: PER_WAKE.writes * PRICES.dynamoDbWrite,
  'Secrets Manager': PER_WAKE.secretReads * PRICES.secretCall,
  KMS: (PER_WAKE.parameterReads + PER_WAKE.tableKeys) * PRICES.kmsCall,
};

/** What so many events a month add, evenly spread, with what is told of their messages. */
export const ofEvents = (events: number): Bill =>
  sumOf([...[SENT, TOLD].map((use) => timesOf(billOf(use), events)), timesOf(WAKE, Math.min(events, PER_WAKE.aMonth))]);

/** The client whose stack is counted: the one that is named, or one that has everything on, or so many templates. */
const clientOf = async (named: string | undefined, { client, templates }: CostOptions): Promise<Client> => {
  const name = named ?? client;
  if (name !== undefined) {
    if (templates !== undefined)
      throw new WrongInput('A client’s file says how many templates it has: leave out the client, or --templates.');
    if (client !== undefined && client !== name) throw new WrongInput('Name one client.');
    return readClient(name);
  }
  if ((templates ?? 0) > TEMPLATE_NAMES.length) throw new WrongInput(`There are ${TEMPLATE_NAMES.length} templates.`);
  return anybody(templates);
};

const assumptionsOf = (templates: number, unpriced: readonly string[], watch: number): string[] => [
  `Prices of ${PRICES.on}, ${PRICES.region}, a month of ${DAYS} days, without free tiers and taxes; look again before you quote them.`,
  `One line, ${templates} template${templates === 1 ? '' : 's'}, every event becomes one message, which is told of four times: seen on the line, sent, delivered, read. EZWhatsApp's own price is not in it.`,
  'What is idle is counted from the template of the stack: its secrets, its schedules, and Lambda asking the queues around the clock, with two pollers for a standard queue without a maximum concurrency, and with five for any other.',
  'Parameters of the Parameter Store are free as long as they are standard ones; an advanced one (more than 4 KB) costs $0.05 a month.',
  'What is stored is not in it: a GB of a table $0.25 a month, and $0.20 more for its point-in-time recovery; a GB of logs $0.03, and they are kept for 30 days.',
  'Secrets, parameters and the keys of the tables are read, processes started, and signs of EZWhatsApp noted, in every five minutes that have an event: the most it can be while one process is enough.',
  'Messages come one by one; in a burst the pacing gap is waited for in the sender, which costs Lambda time.',
  `Ezw-watch is not in it: $${watch.toFixed(2)} a month, once for an account and region, and $${totalOf(WATCH_OF_CLIENT).toFixed(2)} for each client, whom it asks for what is stored, waits and failed${wantsDashboard(process.env) ? '; of it $3 are its dashboard, which is free as one of the first three of an account' : ''}.`,
  'What customers and the team write, further steps of an order and reminders’ alarms are not in it.',
  ...(unpriced.length > 0
    ? [`Not in it, and it may cost something without any event: ${unpriced.join(', ')}. Its price is not known here.`]
    : []),
];

const dollars = (amount: number): string => `$${amount.toFixed(2)}`.padStart(9);
const rounded = (amount: number): number => Number(amount.toFixed(4));
const roundedBill = (bill: Bill): Bill =>
  Object.fromEntries(Object.entries(bill).map(([name, usd]) => [name, rounded(usd)]));

const cost = async (named: string | undefined, options: CostOptions): Promise<void> => {
  const { events, json } = options;
  const client = await clientOf(named, options);
  const templates = turnedOn(client).length;
  progress('Synthesises the stack, to count what is in it: some seconds.');
  // The CDK alone takes a second to load.
  const { bothSynthesised } = await import('./synthesised.ts');
  const templatesOf = await bothSynthesised(client);
  const { services: idle, unpriced } = idleOf(templatesOf.client);
  const watch = totalOf(idleOf(templatesOf.watch).services);
  const more = ofEvents(events);
  const services = sumOf([more, idle]);
  const assumptions = assumptionsOf(templates, unpriced, watch);
  const row = (name: string, ...amounts: readonly number[]): string[] => [name, ...amounts.map(dollars)];
  const table = columns([
    ['', ...['idle', 'events', 'in all'].map((head) => head.padStart(9))],
    ...Object.keys(services).map((name) => row(name, idle[name] ?? 0, more[name] ?? 0, services[name] ?? 0)),
    row('Total', ...[idle, more, services].map(totalOf)),
  ]);
  const counted = {
    ...((named ?? options.client) && { client: client.name }),
    events,
    templates,
    currency: 'USD',
    pricesOf: PRICES.on,
    services: roundedBill(services),
    total: rounded(totalOf(services)),
    idle: { services: roundedBill(idle), total: rounded(totalOf(idle)) },
    watch: { total: rounded(watch), ofEachClient: rounded(totalOf(WATCH_OF_CLIENT)) },
    unpriced,
    assumptions,
  };
  show(json, counted, `${events.toLocaleString('en')} events a month\n\n${table}\n\n${assumptions.join('\n')}`);
};

export const costCommand = (): Command =>
  withJson(new Command('cost'))
    .description('what a month costs at AWS, by service: of a client, or of one with everything on')
    .argument('[client]', 'whose stack is counted')
    .requiredOption('--events <n>', 'events a month; 0 is what it costs without any', wholeNumber(0))
    .option('--templates <n>', 'templates that are turned on, in place of a client', wholeNumber(1))
    .option('--client <name>', 'the same as [client]')
    .addHelpText(
      'after',
      examples('cost bakery --events 10000', 'cost --events 0', 'cost --events 200000 --templates 2 --json'),
    )
    .action(cost);
