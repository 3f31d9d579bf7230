import { Command } from 'commander';
import { commandOn } from '../target/command.ts';
import { operatorName } from '../target/operator.ts';
import { openTarget, type Target } from '../target/target.ts';
import { askConsent } from '../terminal/ask.ts';
import { Failed, WrongInput } from '../terminal/errors.ts';
import { examples, type TargetOptions, wholeNumber, withTarget } from '../terminal/options.ts';
import { columns, show, style, time } from '../terminal/output.ts';
import { becauseOf } from './because.ts';
import { deadLetterQueues, depthOf, sourceOf } from './dead-letters.ts';
import { type Dropped, drop as dropLetters, droppedLetters } from './drop.ts';
import { INTERRUPTED, interruptible, MOST, type Seen, walk } from './hold.ts';
import { knownOf } from './in-ledger.ts';
import { type Group, grouped, isMeant, isNamed, type Letter, letterOf, SENDS } from './letter.ts';
import { type Looked, look } from './look.ts';
import { type LeftLetter, redrive, type Wanted } from './redrive.ts';
import { UNREAD, writeBytes } from './unread.ts';
import { commandsFor, rowsOf } from './words.ts';

interface ListOptions extends TargetOptions {
  readonly limit: number;
  readonly each?: true;
}

/** Unless it was interrupted, which says more. */
const failed = (): void => {
  if (process.exitCode !== INTERRUPTED) process.exitCode = 1;
};

const known = (target: Target, queue: string): string => {
  const all = deadLetterQueues(target);
  if (all.includes(queue)) return queue;
  throw new WrongInput(`There is no dead-letter queue "${queue}". Choose one of: ${all.join(', ')}.`);
};

/** So few are named one by one. */
const FEW = 10;

const BEHIND = 'of one line SQS shows ten at once, the others when these are redriven or dropped';

/** What a look did not reach, in words; none where it reached all. */
const rest = (queue: string, { more, held, seen }: Seen, max: number = MOST): readonly string[] => {
  if (more === 0) return [];
  if (seen >= max) return [`… and about ${more} more: the look was cut at ${max}`];
  if (held > 0)
    return [`… and about ${more} more, which somebody else looks at or just did: look again in half a minute`];
  const behind = queue === SENDS ? `: ${BEHIND}` : '';
  return [`… and about ${more} more that were not reached${behind}`];
};

const heldWords = (held: number): string =>
  `About ${held} are held by somebody else just now: run it again in half a minute.`;

const groupRow = ({ count, code, what, oldest, newest, about, example }: Group): readonly string[] => [
  '  ',
  String(count),
  code,
  what,
  time(oldest),
  oldest === newest ? '' : time(newest),
  about === what ? '' : about,
  example,
];

const eachRow = ({ sentAt, about, messageId, code, reason }: Letter): readonly string[] => [
  '  ',
  time(sentAt),
  about,
  messageId,
  reason ?? code,
];

const tableOf = ({ letters }: Pick<Looked, 'letters'>, each: boolean | undefined): readonly string[] => {
  if (letters.length === 0) return [];
  if (each) return [columns(letters.map(eachRow))];
  const head = ['  ', 'COUNT', 'WHY', 'WHAT', 'OLDEST', 'NEWEST', 'FOR EXAMPLE', ''];
  return [columns([head, ...grouped(letters).map(groupRow)])];
};

const list = async (clientName: string, options: ListOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const { limit: max, each, json } = options;
  const queues = await interruptible(async (signal) => {
    const looked: { readonly queue: string; readonly count: number; readonly found: Looked }[] = [];
    for (const queue of deadLetterQueues(target)) {
      const count = await depthOf(target, queue);
      const none = { letters: [], seen: 0, more: 0, held: 0 };
      looked.push({ queue, count, found: count === 0 ? none : await look(target, queue, { max, signal }) });
      if (signal.aborted) break;
    }
    return looked;
  });
  const [first] = queues.flatMap(({ found }) => found.letters);
  const text = [
    ...queues.flatMap(({ queue, count, found }) => [
      `${queue}: ${count}`,
      ...tableOf(found, each),
      ...rest(queue, found, max).map((line) => style('yellow', `  ${line}`)),
    ]),
    ...(first ? [`One of them in words: ${commandOn(target, 'dlq show', `${first.queue} ${first.messageId}`)}`] : []),
  ];
  const told = queues.map(({ queue, count, found: { letters, more, held } }) => ({
    queue,
    count,
    held,
    more,
    groups: grouped(letters),
    letters,
  }));
  show(json, { queues: told }, text.join('\n'));
};

const some = (ids: readonly string[]): string => `${ids.slice(0, FEW).join(', ')}${ids.length > FEW ? ', …' : ''}`;

interface ShowOptions extends TargetOptions {
  readonly bytes?: string;
}

const showOne = async (clientName: string, name: string, words: string, options: ShowOptions): Promise<void> => {
  const target = await openTarget(clientName, options);
  const queue = known(target, name);
  if (options.bytes !== undefined && queue !== UNREAD) {
    throw new WrongInput(`Only deliveries that could not be read keep their bytes: those of ${UNREAD}.`);
  }
  if (options.bytes === '-')
    throw new WrongInput('--bytes takes the name of a new file: bytes never go to the terminal.');
  const found: { readonly letter: Letter; readonly body: string }[] = [];
  const meant = isMeant(words);
  await interruptible((signal) =>
    walk(target, queue, { signal }, (message) => {
      const letter = letterOf(queue, message);
      // One is shown; of others their ids alone.
      if (meant(letter)) found.push({ letter, body: found.length === 0 ? (message.Body ?? '') : '' });
    }),
  );
  const [one, ...others] = found;
  if (!one) {
    throw new Failed(
      `No letter of ${queue} that can be seen now is "${words}". ${commandOn(target, 'dlq list', '--each')} shows what there is.`,
    );
  }
  const also = others.map(({ letter: { messageId } }) => messageId);
  if (options.bytes !== undefined) {
    if (also.length > 0) {
      const ids = some([one.letter.messageId, ...also]);
      throw new WrongInput(
        `${found.length} letters are "${words}", and --bytes writes those of one: name it by its id: ${ids}.`,
      );
    }
    const bytes = await writeBytes(one.body, options.bytes);
    return show(
      options.json,
      { messageId: one.letter.messageId, file: options.bytes, bytes },
      `${bytes} bytes as they came are in ${options.bytes}. They hold what people wrote: delete the file when you are done.`,
    );
  }
  const { letter } = one;
  const now = Date.now();
  const rows = rowsOf(target, letter, await knownOf(target, letter, one.body, now), now);
  const commands = commandsFor(target, letter);
  const text = [
    columns(rows),
    ...(also.length > 0 ? [`\n${also.length} more of the same: ${some(also)}`] : []),
    `\n${commands.map((command) => `  ${command}`).join('\n')}`,
  ];
  show(options.json, { ...letter, words: Object.fromEntries(rows), also, commands }, text.join('\n'));
};

interface RedriveOptions extends TargetOptions {
  readonly limit: number;
  readonly only?: string;
  readonly all?: true;
}

/** What was put back of one queue. */
interface Back {
  readonly queue: string;
  readonly to: string;
  readonly moved: number;
  readonly left: number;
  readonly letters: readonly LeftLetter[];
  readonly more: number;
  /** By somebody else, where what was asked for may be among them. */
  readonly held: number;
}

/** It is the only one of its id: of an event, an alarm or a delivery there may be several. */
const isIdOf = (words: string | undefined, { messageId }: Letter): boolean => messageId === words;

const redriveOf = async (
  target: Target,
  queue: string,
  options: RedriveOptions,
  signal: AbortSignal,
): Promise<Back> => {
  const { only, limit: max } = options;
  let isFound = false;
  const chosen = (words: string): Wanted => {
    const meant = isMeant(words);
    const wanted = (letter: Letter): boolean => {
      isFound ||= isIdOf(words, letter);
      return meant(letter);
    };
    return { wanted, again: true };
  };
  const found = await redrive(target, queue, { max, signal, ...(only !== undefined && chosen(only)) });
  const { moved, left } = found;
  const more = isFound ? 0 : found.more;
  const held = isFound || moved + left.length >= max ? 0 : found.held;
  return { queue, to: sourceOf(queue, target.queues), moved, left: left.length, letters: left, more, held };
};

const saidOf = ({ queue, to, moved, letters, held, more }: Back): readonly string[] => [
  `${moved} moved from ${queue} to ${to}. What was done stays done.`,
  ...(letters.length > 0
    ? [`${letters.length} stayed:`, columns(letters.map((one) => ['  ', one.about, one.why, one.messageId]))]
    : []),
  ...(held > 0 ? [heldWords(held)] : []),
  ...(more > held
    ? [`About ${more - held} more were not reached: ${queue === SENDS && moved === 0 ? BEHIND : 'run it again'}.`]
    : []),
];

const move = async (clientName: string, name: string | undefined, options: RedriveOptions): Promise<void> => {
  if ((name === undefined) === (options.all === undefined)) {
    throw new WrongInput('Name one dead-letter queue, or --all for every one.');
  }
  const target = await openTarget(clientName, options);
  const queues = name === undefined ? deadLetterQueues(target) : [known(target, name)];
  const done = await interruptible(async (signal) => {
    const back: Back[] = [];
    for (const queue of queues) {
      if (signal.aborted) break;
      // Of all queues the empty ones need no look.
      if (name !== undefined || (await depthOf(target, queue)) > 0) {
        back.push(await redriveOf(target, queue, options, signal));
      }
    }
    return back;
  });
  const [first] = done;
  const told = name === undefined ? { queues: done } : first;
  const text = done.length === 0 ? 'No queue holds dead letters.' : done.flatMap(saidOf).join('\n');
  show(options.json, told, text);
  const isNoneMeant = options.only !== undefined && done.every(({ moved, left }) => moved + left === 0);
  if (isNoneMeant) console.error(`No letter that could be seen is "${options.only}".`);
  if (isNoneMeant || done.some(({ left, more }) => left + more > 0)) failed();
};

interface DropOptions extends TargetOptions {
  readonly only?: string;
  readonly reasonCode?: string;
  readonly all?: true;
  readonly because: string;
  readonly by?: string;
  readonly yes?: true;
}

const chosenBy = ({ only, reasonCode, all }: DropOptions): ((letter: Letter) => boolean) => {
  if ([only, reasonCode, all].filter((one) => one !== undefined).length !== 1) {
    throw new WrongInput('Say which: --only <id>, --reason-code <reason>, or --all.');
  }
  if (only !== undefined) return isNamed(only);
  return reasonCode === undefined ? () => true : ({ code }) => code === reasonCode;
};

/** What became of letters that were asked about, and of those that are meant as well. */
interface AfterDrop {
  /** They are where they were. */
  readonly left: number;
  /** Somebody else dropped them, or put them back, since the question. */
  readonly gone: number;
  /** About so many somebody else holds. */
  readonly held: number;
  /** About so many were not reached, these with them. */
  readonly more: number;
}

/** @param isOne it was named by an id of its own: no other is meant */
export const afterDrop = (asked: number, isOne: boolean, looked: Seen, found: Dropped): AfterDrop => {
  const missed = asked - found.dropped;
  const left = Math.min(missed, found.left.length + found.more);
  const gone = missed - left;
  if (isOne && left === 0) return { left, gone, held: 0, more: 0 };
  // What stood behind may have been met since: it was not asked about.
  const there = found.more + found.seen - found.dropped - found.left.length;
  // SQS counts what the look released as held for a while yet: that is no other one's where all that was asked about is gone.
  const held = Math.min(there, Math.max(looked.held, left > 0 ? found.held : 0));
  return { left, gone, held, more: Math.min(there, looked.more) };
};

/** Whether with a letter goes the last that could let its message out, as far as that can be seen. */
const lastOf = async (
  target: Target,
  queue: string,
  { letters, held, more }: Looked,
  asked: readonly Letter[],
): Promise<(letter: Letter) => boolean> => {
  if (queue !== SENDS) return () => true;
  const goes = new Set(asked.map(({ messageId }) => messageId));
  const stay = new Set(letters.flatMap(({ messageId, fields }) => (goes.has(messageId) ? [] : [fields.key])));
  const isAllSeen = held === 0 && more === 0 && (await depthOf(target, 'sends')) === 0;
  return ({ fields }) => isAllSeen && !stay.has(fields.key);
};

const drop = async (clientName: string, name: string, options: DropOptions): Promise<void> => {
  const isChosen = chosenBy(options);
  const because = becauseOf(options.because);
  const target = await openTarget(clientName, options);
  const queue = known(target, name);
  const looked = await interruptible(async (signal) => {
    const seen = await look(target, queue, { signal });
    if (signal.aborted) throw new Failed('Interrupted. Nothing was dropped.');
    return seen;
  });
  const letters = looked.letters.filter(isChosen);
  if (letters.length === 0) {
    throw new Failed(
      `No letter of ${queue} that can be seen now is meant: nothing was dropped. ${looked.held > 0 ? heldWords(looked.held) : rest(queue, looked).join('')}`.trim(),
    );
  }
  const table = tableOf({ letters }, letters.length <= FEW || undefined).join('\n');
  const isLast = await lastOf(target, queue, looked, letters);
  const ends = letters.filter(isLast).length;
  const inLedger =
    queue === SENDS && ends > 0
      ? ` What waits for ${ends === letters.length ? 'it' : `${ends} of them`} in the ledger is taken back, as by "sends drop".`
      : '';
  await askConsent(
    `${table}\nDelete ${letters.length} of ${queue} for good? Of each is kept what, who, when and why: "${because}".${inLedger}`,
    options.yes,
  );
  // What came after the question was not asked about.
  const asked = new Set(letters.map(({ messageId }) => messageId));
  const hand = { by: operatorName(options.by), because };
  const found = await interruptible((signal) =>
    dropLetters(target, queue, ({ messageId }) => asked.has(messageId), hand, { signal, max: asked.size, isLast }),
  );
  const { dropped, takenBack, waiting } = found;
  const isOne = letters.every((letter) => isIdOf(options.only, letter));
  const { left, gone, held, more } = afterDrop(asked.size, isOne, looked, found);
  const text = [
    `${dropped} of ${queue} dropped, and kept in "dlq dropped": what, who, when and why.`,
    ...(left > 0
      ? [`${left} are where they were${found.left.length > 0 ? ', noted' : ''}: the same again drops them.`]
      : []),
    ...(gone > 0 ? [`${gone} were gone already: somebody else dropped them, or put them back.`] : []),
    ...(held > 0 ? [heldWords(held)] : rest(queue, { ...looked, more })),
    ...(takenBack > 0
      ? [`${takenBack} of their messages waited in the ledger, and are taken back: they will not leave.`]
      : []),
    ...(waiting.length > 0
      ? [
          `${waiting.length} of them wait in the ledger as before: another letter of them may stand, or they may be queued. To end one: ${commandOn(target, 'sends drop', waiting[0])}`,
        ]
      : []),
  ];
  const counts = { dropped, left, held, more, ...(queue === SENDS && { takenBack, waiting }) };
  show(options.json, { queue, ...counts, ...hand }, text.join('\n'));
  if (left + held + more > 0) failed();
};

const dropped = async (clientName: string, options: TargetOptions): Promise<void> => {
  const rows = await droppedLetters(await openTarget(clientName, options));
  const cells = rows.map(({ at, queue, about, code, by, because, state, messageId }) => [
    time(at),
    queue,
    code,
    about,
    by,
    state === 'DROPPED' ? because : `${because} (noted, and perhaps there still)`,
    messageId,
  ]);
  const text =
    rows.length === 0
      ? 'Nothing was dropped in the last ninety days.'
      : columns([['AT', 'QUEUE', 'REASON', 'ABOUT', 'BY', 'BECAUSE', ''], ...cells]);
  show(options.json, { dropped: rows.map(({ pk: _, expiresAt: __, ...row }) => row) }, text);
};

export const dlqCommand = (): Command => {
  const dlq = new Command('dlq').description('dead letters: what failed too often, or was set aside for a person');
  withTarget(dlq.command('list <client>'))
    .description('all dead letters, by queue, reason and what they are about; bodies are never shown')
    .option('--each', 'one by one')
    .option('--limit <n>', 'look at most at so many per queue', wholeNumber(1), MOST)
    .addHelpText('after', examples('dlq list bakery', 'dlq list bakery --each'))
    .action(list);
  withTarget(dlq.command('show <client> <queue> <letter>'))
    .description(
      'one letter in words, by its id, what it is about, or the id of its event or delivery: why it is there, and what a redrive would do',
    )
    .option('--bytes <file>', 'write the bytes of a delivery that could not be read into a new file, for your eyes')
    .addHelpText('after', examples('dlq show bakery sends-dlq order:1044:ready'))
    .action(showOne);
  withTarget(dlq.command('redrive <client> [queue]'))
    .description('put dead letters back into their queue, once the reason is gone')
    .option('--all', 'of every queue')
    .option(
      '--only <what>',
      'only those: the id of one or of its event or delivery, what it is about, or the code of a reason',
    )
    .option('--limit <n>', 'move at most so many per queue', wholeNumber(1), 1000)
    .addHelpText(
      'after',
      examples(
        'dlq redrive bakery sends-dlq',
        'dlq redrive bakery crm-sync-dlq --only sink_400',
        'dlq redrive bakery --all --limit 50',
      ),
    )
    .action(move);
  withTarget(dlq.command('drop <client> <queue>'))
    .description('delete letters for good; what, who, when and why is kept for ninety days')
    .option('--only <letter>', 'those of one id, or about one thing')
    .option('--reason-code <reason>', 'all that are there for this reason')
    .option('--all', 'all that can be seen')
    .requiredOption('--because <text>', 'why, in 200 characters; kept without numbers and addresses of people')
    .option('--by <name>', 'who wants it (else the login of this machine)')
    .option('--yes', 'answer the question beforehand')
    .addHelpText(
      'after',
      examples('dlq drop bakery crm-sync-dlq --reason-code sink_400 --because "a test of the form"'),
    )
    .action(drop);
  withTarget(dlq.command('dropped <client>'))
    .description('what was dropped in the last ninety days, by whom and why')
    .addHelpText('after', examples('dlq dropped bakery'))
    .action(dropped);
  return dlq;
};
