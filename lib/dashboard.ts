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

/** A row for each of 200 clients, and of each two days: the console shows a page of them, and what it is sorted by stands first. */
const MOST = 'limit 1000';

/** Of UTC: a query knows no client's clocks. */
const DAY = 'fields datefloor(@timestamp, 1d) as day';

const counted = (...by: readonly string[]): readonly string[] => [
  CLIENT,
  `stats count(*) as times by client, ${by.join(', ')}`,
  'sort times desc',
  MOST,
];

/** The same for each day, and how many messages they are: one that is tried again is a line more. */
const byDay = (...by: readonly string[]): readonly string[] => [
  CLIENT,
  DAY,
  `stats count_distinct(key) as messages, count(*) as times by client, day, ${by.join(', ')}`,
  'sort messages desc',
  MOST,
];

const SEND_STATES = ['ACCEPTED', 'REJECTED', 'EXPIRED', 'SUPPRESSED', 'HELD', 'UNKNOWN'];

/** Groups of a graph or a table in which each state is a column of its own. */
const states = (names: readonly string[], by: string): readonly string[] => [
  `fields ${names.map((state) => `strcontains(state, "${state}") as ${state.toLowerCase()}`).join(', ')}`,
  `stats ${names.map((state) => `sum(${state.toLowerCase()}) as ${state.toLowerCase()}_`).join(', ')} by ${by}`,
];

/** What EZWhatsApp told of a message of ours. */
const HEARD = 'event = "crm-sync" and ispresent(state)';

export const WIDGETS: readonly Widget[] = [
  {
    title: 'Sends an hour of all clients, each try by what became of it',
    view: 'timeSeries',
    filter: 'event = "send" and ispresent(state)',
    // In a graph over time Logs Insights groups by the time alone.
    commands: states(SEND_STATES, 'bin(1h)'),
  },
  {
    title: 'Sends by client and day, each try by what became of it',
    view: 'table',
    filter: 'event = "send" and ispresent(state)',
    commands: [CLIENT, DAY, ...states(SEND_STATES, 'client, day'), 'sort accepted_ desc', MOST],
  },
  {
    title: 'Sent, delivered, read and failed by client and day, as it was told',
    view: 'table',
    filter: HEARD,
    commands: [
      CLIENT,
      DAY,
      ...states(['sent', 'delivered', 'read', 'failed'], 'client, day'),
      'sort delivered_ desc',
      MOST,
    ],
  },
  {
    title: 'From event to phone by client and day, in milliseconds',
    view: 'table',
    filter: 'event = "crm-sync" and ispresent(tookMs)',
    commands: [
      CLIENT,
      DAY,
      'stats count(*) as times, pct(tookMs, 50) as p50, pct(tookMs, 95) as p95 by client, day, template',
      'sort p95 desc',
      MOST,
    ],
  },
  {
    title: 'What waits and why, by client and day: what was held when it was tried',
    view: 'table',
    filter: 'event = "send" and (state = "HELD" or outcome = "waits")',
    commands: byDay('template', 'reason'),
  },
  {
    title: 'Refused by client and day, and why',
    view: 'table',
    filter: 'event = "send" and state in ["REJECTED", "EXPIRED", "SUPPRESSED"]',
    commands: byDay('template', 'state', 'reason'),
  },
  {
    title: 'EZWhatsApp failed or refused',
    view: 'table',
    filter: 'event = "send" and (status >= 400 or state = "UNKNOWN")',
    commands: counted('status', 'reason'),
  },
  {
    title: 'What the doors refused or failed to take',
    view: 'table',
    filter: 'event = "door" and status >= 400',
    commands: counted('template', 'status', 'reason'),
  },
  {
    title: 'What the webhook of EZWhatsApp refused or failed to take',
    view: 'table',
    filter: 'event like /^webhook$/ and status >= 400',
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
      MOST,
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
