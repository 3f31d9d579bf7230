import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { template } from '../../functions/lead-first-touch/template.ts';
import { optOutWords } from '../../functions/shared/people/opt-out-words.ts';
import { ClientFileError, loadClients } from '../../lib/load-clients.ts';
import { contacts } from '../contacts.ts';
import { inProcess } from '../in-process.ts';

const CONTACTS = `contacts: ${JSON.stringify(contacts)},`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezw-clients-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string, source: string) => writeFile(join(folder, `${name}.ts`), source);

test('all client files are read, in the order of their names', async () => {
  await file('south', `export default { name: 'south', templates: {}, contacts: {} };`);
  await file('north', `export default { name: 'north', templates: {}, contacts: {} };`);
  expect((await loadClients(folder)).map(({ name }) => name)).toEqual(['north', 'south']);
});

test('the CDK reads the client files of the folder that EZW_CLIENTS names, and those of the project no more', async () => {
  await file('north', `export default { name: 'north', templates: {}, contacts: {} };`);
  const app = new URL('../../bin/app.ts', import.meta.url).href;
  const env = { EZW_CLIENTS: folder, CLIENT: 'demo' };
  const { code, stderr } = await inProcess([], () => import(/* @vite-ignore */ app), { env });
  expect([code, stderr]).toEqual([1, expect.stringContaining('There are: north.')]);
});

test('one client can be deployed while the file of another is broken', async () => {
  await file('good', `export default { name: 'good', templates: {}, contacts: {} };`);
  await file('bad', `throw new Error('half written');`);
  await expect(loadClients(folder, 'bad')).rejects.toThrow(ClientFileError);
  await expect(loadClients(folder, 'good')).resolves.toHaveLength(1);
});

test('a wrong setting is shown by file and line, as editors open them, with its path and what may stand there', async () => {
  await file(
    'bad',
    `const problems = [{ path: ['crm', 'kind'], message: 'x' }, { path: ['nowhere'], message: 'y' }];
export default {
  name: 'bad',
  crm: {
    kind: 'none',
  },
};
throw Object.assign(new Error('wrong'), { name: 'ClientProblems', problems });`,
  );
  await expect(loadClients(folder)).rejects.toThrow(
    'clients/bad.ts: this client file cannot be used:\n  clients/bad.ts:5  crm.kind: x\n  clients/bad.ts:2  nowhere: y',
  );
});

test('a client file that is wrong is named, with what is wrong in it', async () => {
  await file('bad', `throw new Error('templates.order-ready: write at least one text');`);
  await expect(loadClients(folder)).rejects.toThrow(
    /^clients\/bad\.ts:1: templates\.order-ready: write at least one text$/,
  );
});

const CLIENT = resolve('lib/client.ts');
const ofVersion = (schema: string, more = '') =>
  `import { defineClient } from '${CLIENT}';\nexport default defineClient({\n  // schema: 7\n  name: 'a', ${more}\n  ${schema}\n});`;

test('of a file of a later version that alone is said, and nothing else of it', async () => {
  await file('a', ofVersion('schema: 2,', 'nonsense: 1,'));
  await expect(loadClients(folder, 'a')).rejects.toThrow(
    /^clients\/a\.ts:5 {2}schema: this release reads version 1, the file is of version 2: update this checkout \(git pull, .*\)$/,
  );
});

test('the same of one that imports what a later release has', async () => {
  const text = ofVersion('schema: 2,');
  const imports = "import './later-thing.ts';\n";
  await file('a', imports + text);
  await expect(loadClients(folder, 'a')).rejects.toThrow(
    /^clients\/a\.ts:6 {2}schema: this release reads version 1, .* 2: /,
  );
  await file('b', imports + text.replace('schema: 2', 'schema: 1'));
  await expect(loadClients(folder, 'b')).rejects.toThrow(/^clients\/b\.ts.*later-thing/);
});

test('of one that is too old the page is named that says what to change', async () => {
  await file('a', ofVersion('schema: 0,'));
  await expect(loadClients(folder, 'a')).rejects.toThrow(
    'clients/a.ts:5  schema: this release reads version 1, the file is of version 0: docs/upgrades.md says what to change',
  );
});

test('what is no version is told what to write', async () => {
  await file('a', ofVersion("schema: '2026',"));
  await expect(loadClients(folder, 'a')).rejects.toThrow(
    'clients/a.ts:5  schema: write the version of the file as a whole number, schema: 1 (this release reads version 1)',
  );
});

const BROKEN = {
  'of another version': [ofVersion('schema: 2,'), /^clients\/a\.ts:5 {2}schema: .* version 2/],
  'half written': ["export default { name: 'a',", /^clients\/a\.ts/],
  'that throws': ["\nthrow new Error('no such shop');", /^clients\/a\.ts:2: no such shop$/],
  'with a wrong setting': [
    ofVersion('schema: 1,', 'nonsense: 1,'),
    /^clients\/a\.ts: this client file cannot be used:\n/,
  ],
  'that lacks what it imports': ["import './nothing.ts';", /^clients\/a\.ts.*nothing/],
  'without a client': ['export {};', /^clients\/a\.ts: write "export default/],
  'named as another is': ["export default { name: 'good', templates: {} };", /^clients\/a\.ts: name is "good"/],
} as const;

test.each(Object.entries(BROKEN))(
  'a file %s stops no other client, and is named with what is wrong; by its name, or alone, it is refused',
  async (_, [source, says]) => {
    await file('a', source);
    await file('good', `export default { name: 'good', templates: {}, contacts: {} };`);
    const said: string[] = [];
    expect((await loadClients(folder, undefined, (line) => said.push(line))).map(({ name }) => name)).toEqual(['good']);
    const before = 'Warning: left out, the others are not: ';
    expect(said).toEqual([expect.stringContaining(before)]);
    expect(said[0]?.slice(before.length)).toMatch(says);
    await expect(loadClients(folder, 'a')).rejects.toThrow(says);
    await rm(join(folder, 'good.ts'));
    await expect(loadClients(folder)).rejects.toThrow(says);
  },
);

test('a file without a client says what to write', async () => {
  await file('empty', `export const client = {};`);
  await expect(loadClients(folder)).rejects.toThrow(/^clients\/empty\.ts: write "export default defineClient/);
});

test('a client called other than its file is refused, for two could share one name', async () => {
  await file('copy', `export default { name: 'original', templates: {}, contacts: {} };`);
  await expect(loadClients(folder)).rejects.toThrow(/^clients\/copy\.ts: name is "original"; write name: 'copy'/);
});

test('a client that does not exist is answered with those that do', async () => {
  await file('north', `export default { name: 'north', templates: {}, contacts: {} };`);
  await expect(loadClients(folder, 'nroth')).rejects.toThrow('No client file clients/nroth.ts. There are: north.');
});

test('a first touch that does not say how to stop is a warning, by file and line, and the client is used', async () => {
  const texts = {
    en: 'Hi {name}, how can we help?',
    'en-GB': 'Hi {name}. Text stop to hear no more.',
    he: 'שלום {name}, איך לעזור? להסרה השיבו ״הסר״.',
    fr: 'Bonjour {name}. Pas interessé ? Répondez BASTA.',
    de: 'Hallo {name}. Nichtstopper.',
  };
  const lines = Object.entries(texts).map(
    ([locale, body]) => `      '${locale}': { body: '${body}', ifMissing: { name: 'x' } },`,
  );
  const source = (optOut: string) => `import { defineClient } from '${resolve('lib/client.ts')}';
export default defineClient({
  name: 'cafe', lineId: 'line-1', country: 'IL', zone: 'Asia/Jerusalem', locale: 'en', ${CONTACTS} ${optOut}
  templates: {
    'lead-first-touch': { sources: { custom: { since: '2026-11-01' } }, texts: {
${lines.join('\n')}
    } },
  },
});`;
  await file('cafe', source(''));
  const said: string[] = [];
  await expect(loadClients(folder, 'cafe', (line) => said.push(line))).resolves.toHaveLength(1);
  const places = said.map((line) =>
    /^Warning: (clients\/cafe\.ts:\d+) {2}(\S+): does not say how to stop/.exec(line)?.slice(1),
  );
  expect(places).toEqual([
    ['clients/cafe.ts:6', 'templates.lead-first-touch.texts.en.body'],
    ['clients/cafe.ts:9', 'templates.lead-first-touch.texts.fr.body'],
    ['clients/cafe.ts:10', 'templates.lead-first-touch.texts.de.body'],
  ]);
});

test('an answer that a browser’s post can never bring, and for which nothing stands in, is a warning', async () => {
  const body = 'Hi. You wrote: {wishes}, {interest}, {colour}. Text stop to hear no more.';
  const source = (browser: string) => `import { defineClient } from '${resolve('lib/client.ts')}';
export default defineClient({
  name: 'open', lineId: 'line-1', country: 'IL', zone: 'Asia/Jerusalem', locale: 'en', ${CONTACTS}
  templates: {
    'lead-first-touch': {
      answers: { wishes: { fields: ['w'] }, interest: { fields: ['i'], choices: ['Roses'] }, colour: { fields: ['c'] } },
      sources: { form: { since: '2026-11-01', consent: { fields: ['ok'] } ${browser} } },
      texts: { en: { body: '${body}', ifMissing: { colour: 'any' } } },
    },
  },
});`;
  const said: string[] = [];
  await file('open', source(''));
  await loadClients(folder, 'open', (line) => said.push(line));
  expect(said).toEqual([]);
  await file('opened', source(", browser: { origins: ['https://shop.example'] }").replace("'open'", "'opened'"));
  await loadClients(folder, 'opened', (line) => said.push(line));
  expect(said).toEqual([expect.stringMatching(/texts\.en\.ifMissing\.wishes: is missing: \{wishes\} has no choices/)]);
});

test('a stop word of the client’s own says how to stop', async () => {
  const source = `import { defineClient } from '${resolve('lib/client.ts')}';
export default defineClient({
  name: 'own', lineId: 'line-1', country: 'IL', zone: 'Asia/Jerusalem', locale: 'en', ${CONTACTS} optOut: { stop: ['basta ya'] },
  templates: { 'lead-first-touch': { sources: { custom: { since: '2026-11-01' } }, texts: { en: { body: 'Hola. Basta ya?' } } } },
});`;
  await file('own', source);
  const said: string[] = [];
  await loadClients(folder, 'own', (line) => said.push(line));
  expect(said).toEqual([]);
});

test('the clients that come with it, and what init writes, warn of nothing', async () => {
  const said: string[] = [];
  await loadClients('clients', undefined, (line) => said.push(line));
  expect(said).toEqual([]);
  const { example, warnings } = template;
  for (const locale of ['en', 'he']) {
    const settings = { ...template.settings.parse({ ...example(locale), sources: {} }) };
    const facts = { lineId: 'x', keysOf: 'x', country: 'IL', zone: 'UTC', locale, optOut: optOutWords(locale, {}) };
    expect(warnings?.(settings, facts)).toEqual([]);
  }
});
