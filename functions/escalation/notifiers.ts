// Every notifier there is, by its name in the client file: one folder and one line each.
export { notifier as email } from './notifiers/email/notifier.ts';
export { notifier as pagerduty } from './notifiers/pagerduty/notifier.ts';
export { notifier as slack } from './notifiers/slack/notifier.ts';
export { notifier as teams } from './notifiers/teams/notifier.ts';
export { notifier as webhook } from './notifiers/webhook/notifier.ts';
