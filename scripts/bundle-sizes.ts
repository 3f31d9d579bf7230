import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Templates } from '../functions/shared/door/template.ts';
import * as templates from '../functions/templates.ts';

/**
 * Bytes a minified function may have: what is read, parsed and compiled at each cold start. Up to 53 kB of each are parts of packages
 * that never run; leaving them out saved less than a millisecond each (docs/decisions/0005). The schemas of a source's settings
 * (4 to 7 kB of a template) never run there either: it is the price of a source being one file.
 */
const BUDGET = 270_000;
/** Of a template: numbering plans, patterns of mobiles, names of countries and of HTML's characters, 160 kB, most of it texts that are not compiled; and room for some sources of one's own, of 3 kB each. */
const OF_A_TEMPLATE = 385_000;
/** Where a function needs more, and why; a template says it itself. */
const BUDGETS: Readonly<Record<string, number>> = {
  // Every answer of a CRM is checked by a schema, whose library is 25 kB; and each CRM is some 3 kB. Nobody waits for it to start, for it reads from a queue.
  // Whoever comes without a number is one contact with the one who has it: the merging, the fields that name a person, whose number may be the line's own, and what a send tells of them (6 kB).
  // A form of numbers and names, and the sockets of a pool that died (0.5 kB). Waiting for another is no failure (0.5 kB).
  // It looks at its settings before it starts (0.5 kB). Parameter Store's client is larger than Secrets Manager's, also without what is not called (6.5 kB).
  // That a CRM fails is noted, and when its API's version ends stands beside it (2.5 kB). The id that an event has from its door is in its lines (0.5 kB), also of what fails, with the place in its delivery (1 kB).
  'crm-sync': 331_000,
  // SES's client alone is 80 kB, and it writes letters to whoever holds the phone; nobody waits for escalation to start, which reads from a queue.
  // What it sets aside at once is put into its dead letters by itself (1.5 kB); alerts speak eight languages, with the words that are thanks in each (12 kB), and
  // the ways to ask for another time or to say that one is not coming (10 kB). What failed after it was accepted, and stops that nothing stores, it tells in words of its own, in
  // groups, and past the tables (7 kB). What came days late is one digest, and what a notifier refused is noted (6 kB).
  // Whoever comes under a number and without it has one window, one wait and one incident; changes of old news are told in the digest (3 kB). What was changed long ago is old news (0.5 kB).
  // A form of numbers and names, and the sockets of a pool that died (0.5 kB). Waiting for another is no failure, and an answer that came too late leaves its window (1 kB). It looks at its settings before it starts (0.5 kB). Parameter Store's client (6.5 kB).
  // Notifiers that fail in passing are noted as well as those that refuse (1 kB). The id of an event is in its lines (0.5 kB), and its place in its delivery, with people's rows too (0.5 kB).
  escalation: 410_500,
  // What it holds a message against before it leaves has grown: the line's keys, who talks where, what stands behind it in the queue,
  // what people said of the line. What explains a message is read so that no release's way to write it sets a message aside (1.5 kB).
  // It notes what was sent last, by which an answer and our own echo are known. What the API refuses is held against the line's health, goes another way where
  // there is one, and what was seen on the line is settled by that. A conversation that is refused it tells, digits that are a privacy id it knows, and words where nothing else tells whose an echo is (4 kB).
  // What the API fails on alone makes way, and what has no time left of its lease is not begun (1.5 kB).
  // The sockets of a pool that died (0.5 kB). Of several bodies that the API fails on each makes way (0.5 kB). It looks at its settings before it starts (0.5 kB).
  // Parameter Store's client beside Secrets Manager's, which it alone has too (20 kB). It notes that EZWhatsApp takes messages, and which of them wait (0.5 kB). The id of an event is in its lines (0.5 kB), and the number that people have in its record (0.5 kB).
  sender: 316_500,
  // It is the operator's command that looks at a client, with every template's description and the SDK as it is; nobody waits for it to start.
  watcher: 3_000_000,
};

const budgetOf = (name: string): number => {
  const template = (templates as Templates)[name];
  return template ? (template.bundleBytes ?? OF_A_TEMPLATE) : (BUDGETS[name] ?? BUDGET);
};

/** Each function's size beside its budget, from `<function>/index.mjs` in a folder; none if the folder is missing. */
export function sizes(bundles: string): { readonly fits: boolean; readonly text: string }[] {
  if (!existsSync(bundles)) return [];
  return readdirSync(bundles).map((name) => {
    const { size: bytes } = statSync(join(bundles, name, 'index.mjs'));
    const budget = budgetOf(name);
    const fits = bytes <= budget;
    const [is, may] = [bytes, budget].map((number) => number.toLocaleString('en'));
    return {
      fits,
      text: `${name.padEnd(20)} ${is} of ${may} bytes${fits ? '' : '  ← over budget (bundleBytes in template.ts, or scripts/bundle-sizes.ts, with the reason)'}`,
    };
  });
}
