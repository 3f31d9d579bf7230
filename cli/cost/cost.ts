import { Command } from 'commander';
import { turnedOn } from '../../lib/client.ts';
import { readClient } from '../target/project.ts';
import { examples, wholeNumber, withJson } from '../terminal/options.ts';
import { columns, show } from '../terminal/output.ts';
import { PER_EVENT, PER_MONTH, PRICES } from './prices.ts';

interface CostOptions {
  readonly events: number;
  readonly templates?: number;
  readonly client?: string;
  readonly json?: true;
}

/** Dollars a month by service, for so many events. */
const bill = (events: number, templates: number): Readonly<Record<string, number>> => ({
  'API Gateway': events * PER_EVENT.gatewayRequests * PRICES.httpApiRequest,
  Lambda: events * (PER_EVENT.invocations * PRICES.lambdaRequest + PER_EVENT.gbSeconds * PRICES.lambdaGbSecond),
  DynamoDB: events * (PER_EVENT.writes * PRICES.dynamoDbWrite + PER_EVENT.reads * PRICES.dynamoDbRead),
  SQS:
    events * (PER_EVENT.standardCalls * PRICES.sqsCall + PER_EVENT.fifoCalls * PRICES.sqsFifoCall) +
    PER_MONTH.pollsPerQueue *
      ((templates + PER_MONTH.standardQueues) * PRICES.sqsCall + PER_MONTH.fifoQueues * PRICES.sqsFifoCall),
  'Secrets Manager': PER_MONTH.secrets * PRICES.secretMonth + PER_MONTH.secretCalls * PRICES.secretCall,
  'CloudWatch Logs': ((events * PER_EVENT.logBytes) / 1e9) * PRICES.logGigabyte,
});

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** As many as the client has turned on, or as were given. */
const templatesOf = async ({ templates, client }: CostOptions): Promise<number> =>
  templates ?? (client === undefined ? 1 : turnedOn(await readClient(client)).length);

const cost = async (options: CostOptions): Promise<void> => {
  const { events, json } = options;
  const templates = await templatesOf(options);
  const services = bill(events, templates);
  const total = Object.values(services).reduce((sum, amount) => sum + amount, 0);
  const assumptions = [
    `Prices of ${PRICES.on}, ${PRICES.region}, without free tiers and taxes; look again before you quote them.`,
    `One line, ${templates} template${templates === 1 ? '' : 's'}, every event becomes one message. EZWhatsApp's own price is not in it.`,
    'Messages come one by one; in a burst the pacing gap is waited for in the sender, which costs Lambda time.',
    'Webhook deliveries (answers, statuses) and reminders’ alarms are not in it.',
    'The part of SQS that has no events is Lambda asking the queues around the clock.',
  ];
  const rounded = Object.fromEntries(Object.entries(services).map(([name, usd]) => [name, Number(usd.toFixed(4))]));
  const rows = [...Object.entries(services), ['Total', total] as const];
  const table = columns(rows.map(([name, amount]) => [name, dollars(amount).padStart(9)]));
  show(
    json,
    {
      events,
      templates,
      currency: 'USD',
      pricesOf: PRICES.on,
      services: rounded,
      total: Number(total.toFixed(4)),
      assumptions,
    },
    `${events.toLocaleString('en')} events a month\n\n${table}\n\n${assumptions.join('\n')}`,
  );
};

export const costCommand = (): Command =>
  withJson(new Command('cost'))
    .description('what a month costs at AWS, by service')
    .requiredOption('--events <n>', 'events a month', wholeNumber(0))
    .option('--templates <n>', 'templates that are turned on', wholeNumber(1))
    .option('--client <name>', 'count the templates that this client has turned on')
    .addHelpText(
      'after',
      examples(
        'cost --events 10000',
        'cost --events 200000 --templates 3 --json',
        'cost --events 10000 --client bakery',
      ),
    )
    .action(cost);
