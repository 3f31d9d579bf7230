/** What somebody needs a grant for. */
export interface Need {
  /** Short names of functions; as `Scheduler for …` of what their alarms ring with. `on` may say `<to>` for each. */
  readonly to: readonly string[];
  readonly actions: readonly string[];
  readonly on: string;
  readonly why: string;
  /** Name of the test in test/emulated/grants.test.ts that fails without it. */
  readonly story: string;
}

const TEMPLATES = ['order-ready', 'lead-first-touch', 'appointment-reminder'] as const;
const INBOUND = ['crm-sync', 'escalation'] as const;
const CONSUMERS = ['sender', ...INBOUND, ...TEMPLATES] as const;
const EVERY = ['webhook-receiver', ...CONSUMERS] as const;

const SEND = ['sqs:SendMessage'];
const HIDE = ['sqs:ChangeMessageVisibility'];
const READ = ['dynamodb:GetItem'];
const CHANGE = ['dynamodb:UpdateItem'];
const SECRET = ['secretsmanager:GetSecretValue'];
const PARAMETER = ['ssm:GetParameter'];
const FEED = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** Stories by a short name, as the tests are named. */
export const STORIES = {
  start: 'the functions read their secrets, and Lambda their queues, when the stack starts',
  doors: 'every route reaches its function',
  refusedProofs: 'a door notes whose proofs it refuses',
  order: 'an order that is ready is told, with its note in the CRM',
  shopDown: 'a shop that does not answer is asked again',
  appGone: 'people are told that a shop took the app off',
  parcel: 'a parcel waits for its number',
  cancelled: 'a cancelled order ends what waits of it',
  deadAlarms: 'an alarm that its queue does not take is among the dead letters',
  appointment: 'an appointment is booked, moved, reminded of and cancelled, with its answers in the CRM',
  resync: 'alarms are set anew',
  calendarDown: 'a calendar that does not answer is asked again',
  otherCalendar: 'people are told of a calendar that is another’s',
  premise: 'a reminder that had to wait is held against its appointment',
  lead: 'a lead is touched once',
  visitors: 'posts of a page’s visitors are counted',
  formDown: 'Meta is asked again when it does not answer',
  otherForm: 'people are told of a form that is another’s',
  customer: 'what a customer writes is in the CRM, and wakes people',
  stop: 'a stop is kept, and who said it is not written to',
  unread: 'what cannot be read is kept for a person',
  status: 'a status finds its send',
  failed: 'a send that did not arrive is told to people',
  crmDown: 'a CRM that is down is told again, and what it refuses is a dead letter',
  notifierDown: 'a notifier that is down is told again, and an incident that it does not close is a dead letter',
  unanswered: 'a question that nobody answers wakes people later, and has an automatic answer',
  sendFails: 'a message that the line does not take comes back',
  poison: 'what is no message of ours is a dead letter of the line',
  lineLost: 'people are told that the line cannot send',
  pause: 'what a pause holds waits beside the line',
  peopleAway: 'a stop that the table of people does not take is kept in the ledger',
  logs: 'in all of it every function wrote its log',
} as const;

const need = (to: readonly string[], actions: readonly string[], on: string, why: string, story: string): Need => ({
  to,
  actions,
  on,
  why,
  story,
});

/** Every grant of a stack with everything on has one of these, and every one of these a grant. */
export const NEEDS: readonly Need[] = [
  need(EVERY, ['logs:CreateLogStream', 'logs:PutLogEvents'], 'its log group', 'Lambda writes its log', STORIES.logs),
  need(CONSUMERS.slice(1, 3), FEED, 'queue <to>', 'Lambda feeds it from its queue', STORIES.start),
  need(TEMPLATES, FEED, 'queue <to>-work', 'Lambda feeds it from its queue', STORIES.start),
  need(['sender'], FEED, 'queue sends', 'Lambda feeds it from its queue', STORIES.start),
  need(TEMPLATES, PARAMETER, 'parameter sources/<to>', 'senders’ signatures and keys of look-ups', STORIES.start),
  need(
    ['webhook-receiver'],
    PARAMETER,
    'parameter webhook-token',
    'EZWhatsApp’s deliveries are proved by it',
    STORIES.start,
  ),
  need(['sender'], SECRET, 'secret line-token', 'it alone calls EZWhatsApp', STORIES.start),
  need(['crm-sync'], PARAMETER, 'parameter crm', 'keys of the CRMs', STORIES.start),
  need(['escalation'], PARAMETER, 'parameter notifiers', 'keys and addresses of the notifiers', STORIES.start),
  need(
    ['sender', ...INBOUND, 'lead-first-touch'],
    PARAMETER,
    'parameter contact-salt',
    'hides whose rows of people are whose',
    STORIES.start,
  ),
  ...['/{source}', '/{path+}'].map((path) =>
    need(['API Gateway'], ['lambda:InvokeFunction'], `route /order-ready${path}`, 'the door', STORIES.doors),
  ),
  ...['/{source}', '/{path+}', '/form', '/form/{secret}', '/webflow/{secret}', '/meta'].map((path) =>
    need(['API Gateway'], ['lambda:InvokeFunction'], `route /lead-first-touch${path}`, 'the door', STORIES.doors),
  ),
  ...['/{source}', '/{path+}'].map((path) =>
    need(['API Gateway'], ['lambda:InvokeFunction'], `route /appointment-reminder${path}`, 'the door', STORIES.doors),
  ),
  ...['/{token}', '/{path+}'].map((path) =>
    need(['API Gateway'], ['lambda:InvokeFunction'], `route /ezw/webhook${path}`, 'EZWhatsApp’s door', STORIES.doors),
  ),

  need(TEMPLATES, CHANGE, 'table deliveries', 'whether senders are proved', STORIES.refusedProofs),

  need(['order-ready'], SEND, 'queue <to>-work', 'door → worker', STORIES.order),
  need(['order-ready'], SEND, 'queue sends', 'the message', STORIES.order),
  need(['order-ready'], SEND, 'queue crm-sync', 'the customer’s own note', STORIES.order),
  need(['order-ready'], [...READ, 'dynamodb:PutItem'], 'table sends', 'what was told of an order', STORIES.order),
  need(['order-ready'], CHANGE, 'table sends', 'takes back what waits', STORIES.cancelled),
  need(['order-ready'], HIDE, 'queue <to>-work', 'back-off of a look-up', STORIES.shopDown),
  need(['order-ready'], SEND, 'queue escalation', 'trouble with the shop', STORIES.appGone),
  need(
    ['order-ready'],
    ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule'],
    'its alarms',
    'the end of the wait for a tracking number',
    STORIES.parcel,
  ),
  need(['order-ready'], ['iam:PassRole'], 'the role of its alarms', 'the Scheduler rings as that role', STORIES.parcel),
  need(['Scheduler for order-ready'], SEND, 'queue order-ready-work', 'the alarm rings', STORIES.parcel),
  need(['Scheduler for order-ready'], SEND, 'queue order-ready-dlq', 'what cannot ring', STORIES.deadAlarms),
  need(
    ['Scheduler for appointment-reminder'],
    SEND,
    'queue appointment-reminder-dlq',
    'what cannot ring',
    STORIES.deadAlarms,
  ),

  need(['appointment-reminder'], SEND, 'queue <to>-work', 'door → worker; pages of a walk', STORIES.appointment),
  need(['appointment-reminder'], SEND, 'queue sends', 'the message', STORIES.appointment),
  need(['appointment-reminder'], SEND, 'queue crm-sync', 'answers of the booking', STORIES.appointment),
  need(['appointment-reminder'], [...READ, 'dynamodb:PutItem'], 'table appointments', 'the row', STORIES.appointment),
  need(
    ['appointment-reminder'],
    ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
    'its alarms',
    'the times of the stages',
    STORIES.appointment,
  ),
  need(
    ['appointment-reminder'],
    ['iam:PassRole'],
    'the role of its alarms',
    'the Scheduler rings as that role',
    STORIES.appointment,
  ),
  need(
    ['Scheduler for appointment-reminder'],
    SEND,
    'queue appointment-reminder-work',
    'the alarm rings',
    STORIES.appointment,
  ),
  need(['appointment-reminder'], ['dynamodb:Scan'], 'table appointments', 'the walk of each night', STORIES.resync),
  need(
    ['appointment-reminder'],
    ['scheduler:UpdateSchedule'],
    'its alarms',
    'alarms that stand already',
    STORIES.resync,
  ),
  need(['appointment-reminder'], HIDE, 'queue <to>-work', 'back-off of a look-up', STORIES.calendarDown),
  need(['appointment-reminder'], SEND, 'queue escalation', 'trouble with a calendar', STORIES.otherCalendar),

  need(['lead-first-touch'], SEND, 'queue <to>-work', 'door → worker', STORIES.lead),
  need(['lead-first-touch'], SEND, 'queue sends', 'the message', STORIES.lead),
  need(['lead-first-touch'], SEND, 'queue crm-sync', 'what the form says', STORIES.lead),
  need(
    ['lead-first-touch'],
    [...READ, 'dynamodb:PutItem'],
    'table contacts',
    'each phone is touched once',
    STORIES.lead,
  ),
  need(['lead-first-touch'], READ, 'table sends', 'whether the earlier message left', STORIES.lead),
  need(['lead-first-touch'], CHANGE, 'table contacts', 'posts of one address in a minute', STORIES.visitors),
  need(['lead-first-touch'], HIDE, 'queue <to>-work', 'back-off of a look-up', STORIES.formDown),
  need(['lead-first-touch'], SEND, 'queue escalation', 'trouble with a form', STORIES.otherForm),

  need(
    ['webhook-receiver'],
    [...READ, 'dynamodb:PutItem'],
    'table deliveries',
    'which deliveries were accepted',
    STORIES.customer,
  ),
  need(['webhook-receiver'], SEND, 'queue crm-sync', 'what was said', STORIES.customer),
  need(['webhook-receiver'], SEND, 'queue escalation', 'what was said', STORIES.customer),
  need(['webhook-receiver'], SEND, 'queue webhook-dlq', 'deliveries for a person', STORIES.unread),
  need(INBOUND, CHANGE, 'table deliveries', 'what of a delivery is done', STORIES.customer),
  need(['escalation'], READ, 'table deliveries', 'who was told already', STORIES.customer),
  need(INBOUND, [...READ, ...CHANGE], 'table contacts', 'who opted out, and under which names', STORIES.stop),
  need(['crm-sync'], READ, 'table deliveries', 'its first call opens the connection', STORIES.start),
  need(['crm-sync'], SEND, 'queue <to>', 'each of several CRMs has a message of its own', STORIES.customer),
  need(['escalation'], ['ses:SendEmail'], 'identity alerts@agency.example', 'alerts by mail', STORIES.customer),
  need(
    INBOUND,
    ['dynamodb:Query'],
    'table sends, index fingerprint',
    'the send that an echo is of, by its words',
    STORIES.status,
  ),
  need(INBOUND, ['dynamodb:Query'], 'table sends, index providerId', 'the send that a status is of', STORIES.status),
  need(['crm-sync'], [...READ, ...CHANGE], 'table sends', 'what became of a send', STORIES.status),
  need(['crm-sync'], SEND, 'queue escalation', 'a send that did not arrive', STORIES.failed),
  need(['escalation'], READ, 'table sends', 'the send that it tells of', STORIES.failed),
  need(['crm-sync'], HIDE, 'queue <to>', 'back-off of a CRM', STORIES.crmDown),
  need(['crm-sync'], SEND, 'queue <to>-dlq', 'what is refused for good', STORIES.crmDown),
  need(['escalation'], HIDE, 'queue <to>', 'back-off of a notifier', STORIES.notifierDown),
  need(['escalation'], SEND, 'queue <to>-dlq', 'an incident that the pager does not close', STORIES.notifierDown),
  need(['escalation'], SEND, 'queue <to>', 'looks again when a wait is over', STORIES.unanswered),
  need(['escalation'], SEND, 'queue sends', 'the automatic answer', STORIES.unanswered),
  need(['escalation'], CHANGE, 'table sends', 'stops that the table of people does not take', STORIES.peopleAway),

  need(['sender'], [...READ, 'dynamodb:PutItem', ...CHANGE], 'table sends', 'the ledger: each key once', STORIES.order),
  need(['sender'], [...READ, ...CHANGE], 'table contacts', 'who opted out; who was written to', STORIES.order),
  need(['sender'], HIDE, 'queue sends', 'waits for the line', STORIES.sendFails),
  need(['sender'], SEND, 'queue sends-dlq', 'what is no message', STORIES.poison),
  need(['sender'], SEND, 'queue escalation', 'trouble with the line', STORIES.lineLost),
  need(['sender'], SEND, 'queue sends', 'a group of its own for what waits longer', STORIES.pause),
  need(['sender'], READ, 'table appointments', 'whether a reminder that waited is still true', STORIES.premise),
];
