import { type Because, type Consent, hasFailed, isMark, type SendRecord } from '../../functions/shared/ledger/rules.ts';
import { AUTO_REPLY } from '../../functions/shared/ledger/send-command.ts';
import type { Target } from '../target/target.ts';
import { masked } from '../terminal/mask.ts';
import type { TargetOptions } from '../terminal/options.ts';
import { columns, show, style, time } from '../terminal/output.ts';
import { advice } from './advice.ts';
import { ledgerOf, RESEND, stateOf } from './ledger.ts';
import { type Evidence, phoneOfPerson, somebody } from './person.ts';

const at = (instant: string): string => time(Date.parse(instant));

/** The event and the source behind a message, as people say it. */
const storyOf = ({ source, told, id, at: happened, by, why }: Because): string => {
  if (source === RESEND) return `${by ?? 'somebody'} sent ${id} again at ${at(happened)}: ${why ?? 'no reason given'}`;
  if (source === AUTO_REPLY) return `the automatic answer (${told}) to their message ${id} of ${at(happened)}`;
  return `${source ?? 'a source that an earlier release did not note'} told "${told}" of ${id}, which happened at ${at(happened)}`;
};

const agreed = ({ field, value, statement, at: when }: Consent): string =>
  [
    `"${field}": "${value}"`,
    ...(statement === undefined ? [] : [`to the words "${statement}"`]),
    ...(when === undefined ? [] : [`at ${at(when)}`]),
  ].join(', ');

/** Of a lead the whole of it, as it is kept for the number; else what stands in the record. */
const consentOf = ({ key, because }: SendRecord, evidence?: Evidence): Consent | undefined => {
  if (evidence?.key !== key) return because?.consent;
  const { field, value, text: statement = evidence.question, at: when } = evidence;
  return { field, value, statement, at: when };
};

/** What is kept longer than the send that it stood behind. */
const kept = (evidence: Evidence | undefined, sends: readonly SendRecord[]): string[] => {
  if (!evidence || sends.some(({ key }) => key === evidence.key)) return [];
  const { field, value, text: statement = evidence.question, at: when } = evidence;
  return [`Kept of ${evidence.key}: they agreed by ${agreed({ field, value, statement, at: when })}.`];
};

/** When it failed, by the word of the provider. */
export const failedAt = ({ delivery }: SendRecord): string => (delivery ? at(delivery.at) : '');

/** Why, as far as the provider said it. */
export const whyFailed = ({ delivery }: SendRecord): string => {
  const { code, says } = delivery?.why ?? {};
  return (
    [...(says === undefined ? [] : [says]), ...(code === undefined ? [] : [`(${code})`])].join(' ') || 'no reason given'
  );
};

const NO_MESSAGE = 'no event: it is no message';
const NO_CONSENT = 'none is recorded beside it';

/** Rows of a table that say why somebody got a message, and how far it got. */
export const reasonsOf = (record: SendRecord, evidence?: Evidence): readonly (readonly [string, string])[] => {
  const { because, delivery, providerId, observedId } = record;
  const consent = consentOf(record, evidence);
  const ids = [...new Set([providerId, observedId])].filter((one) => one !== undefined);
  return [
    ['because', because ? storyOf(because) : isMark(record) ? NO_MESSAGE : 'not recorded: it is of an earlier release'],
    ['consent', consent ? agreed(consent) : NO_CONSENT],
    ['delivery', delivery ? `${delivery.status} at ${at(delivery.at)}` : ''],
    ['why it failed', hasFailed(record) ? whyFailed(record) : ''],
    ['ids at the vendor', ids.join(', ')],
  ];
};

const told = (record: SendRecord, evidence: Evidence | undefined): string => {
  const { key, template, createdAt, firstAttemptAt, reason = '' } = record;
  const fields = [
    ['template', template],
    ['state', stateOf(record)],
    ['reason', reason],
    ['first post', time(firstAttemptAt)],
    ...reasonsOf(record, evidence),
  ].filter(([, value]) => value !== '');
  const lines = columns(fields).split('\n');
  return [style('bold', `${time(createdAt)}  ${key}`), ...[...lines, advice(record)].map((line) => `  ${line}`)].join(
    '\n',
  );
};

/** What nobody can look for by a number. */
interface Unsearchable {
  readonly ofEarlierRelease: number;
  /** Epoch milliseconds, the last of those. */
  readonly lastOfThem?: number;
  /** No number was given, or none that can be written to. */
  readonly withoutNumber: number;
}

/** A record of this release says why it is there; one that merely ends what never came was made of no message. */
const isOfEarlierRelease = (record: SendRecord): boolean => record.because === undefined && !isMark(record);

const unsearched = ({ ofEarlierRelease, lastOfThem, withoutNumber }: Unsearchable): string[] => [
  ...(ofEarlierRelease > 0
    ? [
        `${ofEarlierRelease} sends cannot be searched: an earlier release recorded them without a person, the last at ${time(lastOfThem)}. "sends show" tells of each by its key.`,
      ]
    : []),
  ...(withoutNumber > 0
    ? [
        `${withoutNumber} sends are nobody's: no number was given that can be written to, or the vendor was never asked for it.`,
      ]
    : []),
];

/** Why somebody got what they got, newest first. Of their number nothing but its end is shown. */
export const showPerson = async (raw: string, target: Target, { json }: TargetOptions): Promise<void> => {
  const phone = phoneOfPerson(raw, target);
  const { rows, said, evidence } = await somebody(target, phone);
  const now = Date.now();
  const sends: SendRecord[] = [];
  let [ofEarlierRelease, withoutNumber, last] = [0, 0, 0];
  for await (const record of ledgerOf(target).all()) {
    // The table may keep what is over for some days more.
    if (record.expiresAt * 1000 <= now) continue;
    if (record.person !== undefined) {
      if (rows.has(record.person)) sends.push(record);
    } else if (isOfEarlierRelease(record)) {
      ofEarlierRelease += 1;
      last = Math.max(last, record.createdAt);
    } else withoutNumber += 1;
  }
  sends.sort((a, b) => b.createdAt - a.createdAt);
  const unsearchable = { ofEarlierRelease, ...(ofEarlierRelease > 0 && { lastOfThem: last }), withoutNumber };
  const isStopped = said?.word === 'stop';
  const stop = isStopped
    ? `They are on the stop list: they said so at ${at(said.at)}.`
    : `They are not on the stop list${said ? `: they said START at ${at(said.at)}` : ''}.`;
  const text = [
    style(
      'bold',
      `${masked(phone)}: ${sends.length === 0 ? 'no sends' : `${sends.length} sends`} in the last 60 days, which is as far back as is known.`,
    ),
    style(isStopped ? 'yellow' : 'dim', stop),
    ...kept(evidence, sends),
    ...unsearched(unsearchable).map((line) => style('yellow', line)),
    ...sends.map((record) => `\n${told(record, evidence)}`),
  ].join('\n');
  const shown = sends.map((record) => ({ ...record, consent: consentOf(record, evidence), says: advice(record) }));
  show(json, { phone: masked(phone), stopList: { isOn: isStopped, said }, evidence, unsearchable, sends: shown }, text);
};
