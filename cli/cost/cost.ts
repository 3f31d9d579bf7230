import { Command } from 'commander';
import { type Client, TEMPLATE_NAMES, turnedOn } from '../../lib/client.ts';
import { readClient } from '../target/project.ts';
import { WrongInput } from '../terminal/errors.ts';
import { examples, wholeNumber, withJson } from '../terminal/options.ts';
import { columns, progress, show } from '../terminal/output.ts';
import { anybody } from './anybody.ts';
import { type Bill, idleOf, sumOf, totalOf } from './idle.ts';
import { DAYS, PER_EVENT, PER_WAKE, PRICES } from './prices.ts';

interface CostOptions {
  readonly events: number;
  readonly templates?: number;
  readonly client?: string;
  readonly json?: true;
}

/** What so many events a month add, evenly spread. */
export const ofEvents = (events: number): Bill => {
  const wakes = Math.min(events, PER_WAKE.aMonth);
  const gbSeconds = events * PER_EVENT.gbSeconds + wakes * PER_WAKE.gbSeconds;
  return {
    'API Gateway': events * PER_EVENT.gatewayRequests * PRICES.httpApiRequest,
    Lambda: events * PER_EVENT.invocations * PRICES.lambdaRequest + gbSeconds * PRICES.lambdaGbSecond,
    DynamoDB: events * (PER_EVENT.writes * PRICES.dynamoDbWrite + PER_EVENT.reads * PRICES.dynamoDbRead),
    SQS: events * (PER_EVENT.standardCalls * PRICES.sqsCall + PER_EVENT.fifoCalls * PRICES.sqsFifoCall),
    'Secrets Manager': wakes * PER_WAKE.secretReads * PRICES.secretCall,
    KMS: wakes * (PER_WAKE.parameterReads + PER_WAKE.tableKeys) * PRICES.kmsCall,
    'CloudWatch Logs': ((events * PER_EVENT.logBytes) / 1e9) * PRICES.logGigabyte,
  };
};

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

const assumptionsOf = (templates: number, unpriced: readonly string[]): string[] => [
  `Prices of ${PRICES.on}, ${PRICES.region}, a month of ${DAYS} days, without free tiers and taxes; look again before you quote them.`,
  `One line, ${templates} template${templates === 1 ? '' : 's'}, every event becomes one message. EZWhatsApp's own price is not in it.`,
  'What is idle is counted from the template of the stack: its secrets, its schedules, and Lambda asking the queues around the clock, with two pollers for a standard queue without a maximum concurrency, and with five for any other.',
  'Parameters of the Parameter Store are free as long as they are standard ones; an advanced one (more than 4 KB) costs $0.05 a month.',
  'What is stored is not in it: a GB of a table $0.25 a month, and $0.20 more for its point-in-time recovery; a GB of logs $0.03, and they are kept for 30 days.',
  'Secrets, parameters and the keys of the tables are read, and processes started, once in every five minutes that have an event: the most it can be while one process is enough.',
  'Messages come one by one; in a burst the pacing gap is waited for in the sender, which costs Lambda time.',
  'Webhook deliveries (answers, statuses), stories of orders and reminders’ alarms are not in it.',
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
  const { synthesised } = await import('./synthesised.ts');
  const { services: idle, unpriced } = idleOf(await synthesised(client));
  const more = ofEvents(events);
  const services = sumOf([more, idle]);
  const assumptions = assumptionsOf(templates, unpriced);
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
