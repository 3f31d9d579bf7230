/** One widget: a query of Logs Insights over the lines that functions write (functions/shared/runtime/log.ts). */
export interface Widget {
  readonly title: string;
  readonly view: 'table' | 'bar' | 'timeSeries';
  /** Which lines it is about. */
  readonly filter: string;
  /** What is made of them, command by command. */
  readonly commands: readonly string[];
}

/** Of every client, by the names that CloudFormation makes of theirs: `Ezw-bakery-SenderLogs…`. */
const LOG_GROUPS = 'Ezw-';

/** A line says no client, its log group does: behind its name stands a logical id, which begins with a capital. */
const CLIENT = 'parse @log /Ezw-(?<client>[a-z0-9-]+)-[A-Z]/';

const FIRST = ['sort times desc', 'limit 50'];

const counted = (...by: readonly string[]): readonly string[] => [
  CLIENT,
  `stats count(*) as times by client, ${by.join(', ')}`,
  ...FIRST,
];

const STATES = ['ACCEPTED', 'REJECTED', 'EXPIRED', 'SUPPRESSED', 'HELD', 'UNKNOWN'];

/** In a graph over time Logs Insights groups by the time alone: each state is a sum of its own. */
const BY_HOUR = [
  `fields ${STATES.map((state) => `strcontains(state, "${state}") as ${state.toLowerCase()}`).join(', ')}`,
  `stats ${STATES.map((state) => `sum(${state.toLowerCase()}) as ${state.toLowerCase()}_`).join(', ')} by bin(1h)`,
];

export const WIDGETS: readonly Widget[] = [
  {
    title: 'Sends an hour, each try by what became of it',
    view: 'timeSeries',
    filter: 'event = "send" and ispresent(state)',
    commands: BY_HOUR,
  },
  {
    title: 'Refused, by reason',
    view: 'table',
    filter: 'event = "send" and state in ["REJECTED", "EXPIRED", "SUPPRESSED"]',
    commands: counted('template', 'state', 'reason'),
  },
  {
    title: 'Held, by reason: each try that waited',
    view: 'table',
    filter: 'event = "send" and state = "HELD"',
    commands: counted('template', 'reason'),
  },
  {
    title: 'EZWhatsApp failed or refused',
    view: 'table',
    filter: 'event = "send" and (status >= 400 or state = "UNKNOWN")',
    commands: counted('status', 'reason'),
  },
  {
    title: 'What the doors answered',
    view: 'table',
    filter: 'event = "door"',
    commands: counted('template', 'status', 'reason'),
  },
  {
    title: 'What the webhook of EZWhatsApp was answered',
    view: 'table',
    filter: 'event like /^webhook$/',
    commands: counted('status', 'reason'),
  },
  {
    title: 'Errors',
    view: 'table',
    filter: 'level = "error"',
    commands: counted('event', 'reason', 'outcome'),
  },
  {
    title: 'Slowest, in milliseconds',
    view: 'table',
    filter: 'ispresent(ms)',
    commands: [
      CLIENT,
      'stats count(*) as times, pct(ms, 50) as half, pct(ms, 95) as most, max(ms) as slowest by client, event, template',
      'sort most desc',
      'limit 50',
    ],
  },
];

/**
 * As it stands in a dashboard that came out of the console, for log groups by their prefix: with double quotes and the class, and the prefix once more beside it. The
 * reference of the body knows names alone, of which a widget takes 50 and one client has a dozen; with single quotes and without the rest it was
 * refused ("Invalid NamePrefix"): https://github.com/Readplace/readplace.com/pull/440
 */
export const queryOf = ({ filter, commands }: Widget): string =>
  [`SOURCE logGroups(namePrefix: ["${LOG_GROUPS}"], class: "STANDARD")`, `filter ${filter}`, ...commands].join('\n| ');

const [WIDTH, HEIGHT] = [12, 7];

/** @param region of the log groups, which may be a token */
export const dashboardBody = (region: string) => ({
  start: '-P1D',
  widgets: WIDGETS.map((widget, i) => ({
    type: 'log',
    x: (i % 2) * WIDTH,
    y: Math.floor(i / 2) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: {
      title: widget.title,
      region,
      view: widget.view,
      stacked: widget.view === 'timeSeries',
      query: queryOf(widget),
      queryBy: 'logGroupPrefix',
      logGroupPrefixes: { accountIds: ['All'], logGroupPrefix: [LOG_GROUPS], logClass: 'STANDARD' },
    },
  })),
});
