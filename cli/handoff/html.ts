import { templateNamed } from '../target/registry.ts';
import { counts, type Fact, type Report, type Row, type Say } from './report.ts';
import { STYLE } from './style.ts';
import { directionOf, type Wording, wordingOf } from './wording.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

const fill = (template: string, values: Readonly<Record<string, string>> = {}): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '').replace(/ +([.,])/g, '$1');

/** Ids, keys and times read from left to right in every language. */
const ltr = (text: string): string => `<bdi dir="ltr">${escaped(text)}</bdi>`;

/** What must not be broken in a narrow column. */
const whole = (text: string): string => `<span class="whole">${ltr(text)}</span>`;

/** To the second, for people; the JSON has it exactly. */
const clock = (text: string): string => text.replace(/^(\d{4}-\d\d-\d\d)T([\d:]{8})\.\d+Z$/, '$1 $2Z');

const sentence = (words: Wording, { say, with: values = {} }: Say): string => {
  // Values go in isolated, so that an id does not turn the sentence around it.
  const isolated = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `\u2068${value}\u2069`]));
  return escaped(fill(words.sentences[say], isolated));
};

const fact = (words: Wording, { label, value }: Fact): string =>
  `<dt>${escaped(words.labels[label])}</dt><dd>${typeof value === 'string' ? ltr(clock(value)) : sentence(words, value)}</dd>`;

/** The report's own areas have their words here, a template brings its own. */
const nameOf = (words: Wording, area: string): string =>
  (words.areas as Readonly<Record<string, string>>)[area] ?? templateNamed(area).title[words.language];

const MARKS = { proven: '✓', failed: '✗', waits: '…' } as const;

const row = (words: Wording, { area, state, because, facts }: Row): string => `
      <tr class="${state}">
        <th scope="row">${escaped(nameOf(words, area))}</th>
        <td class="state"><span aria-hidden="true">${MARKS[state]}</span> ${escaped(words.states[state])}</td>
        <td><p>${sentence(words, because)}</p>${facts.length > 0 ? `<dl>${facts.map((one) => fact(words, one)).join('')}</dl>` : ''}</td>
      </tr>`;

const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table class="list"><thead><tr>${headings.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

const rows = (words: Wording, title: string, list: readonly Row[]): string =>
  list.length === 0
    ? ''
    : `<h2>${escaped(title)}</h2>
    <table class="rows">
      <colgroup><col class="area"><col class="how"><col></colgroup>
      <thead><tr><th scope="col">${escaped(words.columns.area)}</th><th scope="col">${escaped(words.columns.state)}</th><th scope="col">${escaped(words.columns.evidence)}</th></tr></thead>
      <tbody>${list.map((one) => row(words, one)).join('')}
      </tbody>
    </table>`;

const AREAS = new Set(['auth', 'health', 'idempotency', 'webhooks', 'workspace', 'boundary']);

const attempts = (words: Wording, { evidence }: Report): string => {
  const { columns, headings, notes } = words;
  const list = evidence.attempts.map((one) => [
    ltr(one.key),
    `${whole(one.state)}${one.reason === undefined ? '' : `<br>${ltr(one.reason)}`}`,
    String(one.attempts),
    one.answer === undefined ? '–' : ltr(one.answer),
    one.acceptedAt === undefined ? '–' : whole(clock(one.acceptedAt)),
    one.delivery === undefined ? escaped(words.sentences.not_reported) : ltr(one.delivery),
  ]);
  const head = [columns.key, columns.state, columns.attempts, columns.answer, columns.accepted, columns.delivered];
  return `<h2>${escaped(headings.attempts)}</h2>${list.length > 0 ? table(head, list) : `<p>${escaped(notes.noAttempts)}</p>`}<p class="note">${escaped(notes.accepted)}</p>`;
};

const pending = (words: Wording, { evidence }: Report): string => {
  const { columns, headings, notes } = words;
  const list = evidence.pending.map((one) => [ltr(one.key), whole(one.state), ltr(one.reason)]);
  const body =
    list.length > 0 ? table([columns.key, columns.state, columns.reason], list) : `<p>${escaped(notes.noPending)}</p>`;
  return `<h2>${escaped(headings.pending)}</h2>${body}<p class="note">${escaped(notes.campaigns)}</p>`;
};

const decisions = (words: Wording, { evidence }: Report): string => {
  const { columns, headings, notes } = words;
  const list = evidence.decisions.map(({ ask, decision, decidedBy, on }) => [
    whole(ask),
    `<bdi>${escaped(decision)}</bdi>`,
    `<bdi>${escaped(decidedBy)}</bdi>`,
    whole(on),
  ]);
  const body =
    list.length > 0
      ? table([columns.ask, columns.decision, columns.by, columns.on], list)
      : `<p>${escaped(notes.noDecisions)}</p>`;
  return `<h2>${escaped(headings.decisions)}</h2>${body}`;
};

const letters = (words: Wording, { evidence: { letters: all = [] } }: Report): string => {
  const { headings, notes } = words;
  if (all.length === 0) return '';
  const list = all.map(
    ({ subject, text }) =>
      `<details open><summary><bdi>${escaped(subject)}</bdi></summary><div class="letter" dir="auto">${escaped(text)}</div></details>`,
  );
  const [{ to } = {}] = all;
  const whom = to === undefined ? notes.letterToNobody : fill(notes.letterTo, { to: `\u2068${to}\u2069` });
  return `<h2>${escaped(headings.letters)}</h2><p>${escaped(whom)}</p>${list.join('')}`;
};

const signOff = (words: Wording, report: Report): string => {
  const { notes, headings } = words;
  const valid = report.signOffs.filter((one) => counts(one, report));
  const lines = report.signOffs.map((one) => {
    const values = { by: one.by, at: clock(one.at), note: one.note, evidence: one.evidence.slice(0, 12) };
    return counts(one, report)
      ? `<p class="signed">${escaped(fill(notes.signed, values))}</p>`
      : `<p class="void">${escaped(fill(notes.voided, values))}</p>`;
  });
  const command = fill(notes.signCommand, { client: report.evidence.client });
  const open = `<p>${escaped(notes.unsigned)}<br><code dir="ltr">${escaped(command)}</code></p><p class="line">${escaped(notes.signature)}</p>`;
  return `<section class="sign"><h2>${escaped(headings.signOff)}</h2>${lines.join('')}${valid.length > 0 ? '' : open}
    <p class="hash">${escaped(notes.hash)}: ${ltr(report.hash)}</p></section>`;
};

const count = (list: readonly Row[], state: Row['state']): string =>
  String(list.filter((one) => one.state === state).length);

/** The report as one file: no scripts, no outside addresses; prints on A4. */
export const html = (report: Report): string => {
  const { evidence, locale } = report;
  const words = wordingOf(locale);
  const { labels } = words;
  const summary = fill(words.summary, {
    proven: count(evidence.rows, 'proven'),
    failed: count(evidence.rows, 'failed'),
    waits: count(evidence.rows, 'waits'),
  });
  const meta = [
    [labels.line, ltr(evidence.lineId)],
    [labels.where, escaped(words.where[evidence.where])],
    [labels.time, ltr(`${clock(evidence.startedAt)} – ${clock(evidence.endedAt)}`)],
    [labels.run, ltr(evidence.run)],
    ...(evidence.recipient === undefined ? [] : [[labels.recipient, ltr(evidence.recipient)]]),
  ];
  const areas = evidence.rows.filter(({ area }) => AREAS.has(area));
  const templates = evidence.rows.filter(({ area }) => !AREAS.has(area));
  return `<!doctype html>
<html lang="${words.language}" dir="${directionOf(words.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(words.title)} – ${escaped(evidence.client)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
  <header>
    <h1>${escaped(words.title)}</h1>
    <p>${escaped(fill(words.subtitle, { client: `\u2068${evidence.client}\u2069` }))}</p>
    <p class="summary">${escaped(summary)}</p>
    <dl class="meta">${meta.map(([name = '', value = '']) => `<dt>${escaped(name)}</dt><dd>${value}</dd>`).join('')}</dl>
  </header>
  ${rows(words, words.headings.areas, areas)}
  ${rows(words, words.headings.templates, templates)}
  ${attempts(words, report)}
  ${pending(words, report)}
  ${decisions(words, report)}
  ${letters(words, report)}
  ${signOff(words, report)}
  <footer>${escaped(words.notes.privacy)}</footer>
</main>
</body>
</html>
`;
};
