import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNSUPPORTED_ASKS } from '../../cli/decisions/unsupported-asks.ts';
import { program } from '../../cli/program.ts';
import { TEMPLATE_NAMES } from '../../lib/client.ts';
import { loadClients } from '../../lib/load-clients.ts';
import { contacts } from '../contacts.ts';
import { ezw, ezwProcess } from './ezw.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ezw-cli-'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'broken.json'), '{');
  writeFileSync(join(folder, 'list.json'), '{"to": ["+972501234567", "+972501234568"], "body": "x"}');
  writeFileSync(join(folder, 'local-number.json'), '{"to": "0501234567", "body": "x"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOWHERE = ['--local', 'http://127.0.0.1:1'];
const OPERATOR = Object.entries(contacts.operator).flatMap(([field, value]) => [`--operator-${field}`, value]);

/** Whatever `init` asks, answered: so, or with other answers in the place of some. */
const init = (name: string, others: Readonly<Record<string, string>> = {}): string[] => {
  const answers = {
    line: 'l',
    country: 'IL',
    zone: 'Asia/Jerusalem',
    locale: 'he',
    templates: 'order-ready',
    ...others,
  };
  const options = Object.entries(answers).flatMap(([option, answer]) => [`--${option}`, answer]);
  return ['init', name, '--folder', folder, ...OPERATOR, ...options];
};

describe('wrong input is one clear line, exit code 2 and no stack trace', () => {
  it.each<[string, () => string[], RegExp]>([
    ['an unknown command', () => ['docter'], /unknown command 'docter' \(Did you mean doctor\?\)/],
    ['an unknown sub-command', () => ['sends', 'lst', 'demo'], /unknown command 'lst'/],
    ['an unknown option', () => ['doctor', 'demo', '--jsn'], /unknown option '--jsn'/],
    ['no client', () => ['doctor'], /Which client\? Write its name, or --all\./],
    ['too many arguments', () => ['doctor', 'demo', 'twice'], /too many arguments/],
    [
      'a client that is not there',
      () => ['doctor', 'nobody'],
      /No client file clients\/nobody\.ts\. There are: .*demo/,
    ],
    [
      'a source that is not there, whatever stack there is',
      () => ['source', 'connect', 'demo', 'nothing', ...NOWHERE],
      /demo has no source "nothing"\. Turned on are: /,
    ],
    ['an address that is none', () => ['doctor', 'demo', '--local', 'nowhere'], /Write a port or an address/],
    ['no number of events', () => ['cost'], /required option '--events <n>'/],
    ['a number that is none', () => ['cost', '--events', 'many'], /whole number of 0 or more/],
    ['more templates than there are', () => ['cost', '--events', '0', '--templates', '9'], /There are \d templates/],
    [
      'a client and a number of templates',
      () => ['cost', 'demo', '--events', '0', '--templates', '1'],
      /client’s file says how many templates/,
    ],
    ['two clients', () => ['cost', 'demo', '--events', '0', '--client', 'example'], /Name one client/],
    [
      'a state that is none',
      () => ['sends', 'list', 'demo', '--state', 'SENT', ...NOWHERE],
      /no state "SENT"\. There are: CLAIMED/,
    ],
    [
      'an outcome that is none',
      () => ['sends', 'resolve', 'demo', 'k', '--as', 'done', '--reason', 'x'],
      /Allowed choices are accepted, not-sent/,
    ],
    ['no reason', () => ['sends', 'resolve', 'demo', 'k', '--as', 'accepted'], /required option '--reason <text>'/],
    [
      'a file that is not there',
      () => ['sends', 'resend', 'demo', 'k', '--reason', 'x', '--body', 'no.json', ...NOWHERE],
      /no\.json cannot be read/,
    ],
    [
      'a file that is not JSON',
      () => ['sends', 'resend', 'demo', 'k', '--reason', 'x', '--body', join(folder, 'broken.json'), ...NOWHERE],
      /broken\.json is not JSON/,
    ],
    [
      'several recipients',
      () => ['sends', 'resend', 'demo', 'k', '--reason', 'x', '--body', join(folder, 'list.json'), ...NOWHERE],
      /Platform customer-admin campaign surface/,
    ],
    [
      'a national number',
      () => ['sends', 'resend', 'demo', 'k', '--reason', 'x', '--body', join(folder, 'local-number.json'), ...NOWHERE],
      /to: write one number as \+972/,
    ],
    [
      'a template that is none',
      () => ['sign', 'order-redy', 'custom', 'x.json', '--client', 'demo'],
      /no template "order-redy"\. Choose one of: .*order-ready/,
    ],
    [
      'a source that is none',
      () => ['sign', 'order-ready', 'shopfy', 'x.json', '--client', 'demo'],
      /no source "shopfy"\. Choose one of: custom, shopify, woocommerce/,
    ],
    ['no client to sign for', () => ['sign', 'order-ready', 'custom', 'x.json'], /required option '--client <name>'/],
    ['an ask that is none', () => ['decisions', 'robots'], /no ask "robots"\. There are: campaigns/],
    ...(
      [
        ['source', 'order-ready', '1crm'],
        ['source', 'order-ready', 'Shopify'],
        ['source', 'order-ready', '../x'],
        ['source', 'order-ready', 'é'],
        ['crm', 'a_b'],
        ['crm', 'con'],
        ['crm', 'then'],
        ['crm', 'default'],
        ['notifier', 'x-'],
        ['notifier', 'a--b'],
        ['template', 'ezw'],
        ['template', 'a'.repeat(31)],
      ] as const
    ).map((args): [string, () => string[], RegExp] => [
      `a new ${args.join(' ')}`,
      () => ['new', ...args],
      /is no name for a|means something else/,
    ]),
    ['a new source that is there', () => ['new', 'source', 'order-ready', 'shopify'], /shopify is there already/],
    ['a new template that is a function', () => ['new', 'template', 'sender'], /functions\/sender is there already/],
    ['a new source of no template', () => ['new', 'source', 'order-redy', 'x'], /no template "order-redy"/],
    ['a client name that is none', () => ['init', 'My Bakery'], /lower-case letters/],
    ['an init without answers', () => ['init', 'bakery', '--folder', folder], /--line <id> is missing/],
    ['a template that init does not know', () => init('bakery', { templates: 'spam' }), /no template "spam"/],
    ['a country that is none', () => init('florist', { country: 'Israel' }), /country: write an ISO country code/],
    [
      'a phone of the operator that nobody could call',
      () => init('barber', { 'operator-phone': '050-123-4567' }),
      /contacts\.operator\.phone: write a number with its country and no other signs/,
    ],
    [
      'a report that is not there',
      () => ['handoff', 'sign', 'demo', '--note', 'x', '--out', folder],
      /no report of "demo"/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await ezw(args());
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\bat .*\.[mc]?[jt]s:\d+/);
  });
});

describe('a failure is one clear line and exit code 1', () => {
  it('nothing listens where the local stack should be', async () => {
    const { code, stderr } = await ezw(['doctor', 'demo', ...NOWHERE]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'ezw: Nothing answers at http://127.0.0.1:1. Run "npm start" first and wait for "Ready".\n',
    });
  });

  it('who cannot be reached is named, with the region and the profile that were asked by', async () => {
    const env = {
      HOME: folder,
      AWS_REGION: 'us-east-1',
      AWS_PROFILE: 'agency',
      AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    };
    const keys = '[agency]\naws_access_key_id = a\naws_secret_access_key = b\n';
    writeFileSync(env.AWS_SHARED_CREDENTIALS_FILE, keys);
    expect(await ezw(['doctor', 'demo'], { env })).toMatchObject({
      code: 1,
      stderr:
        'ezw: 127.0.0.1:1 cannot be reached (ECONNREFUSED): is this machine online, and is the region right (AWS_REGION: us-east-1, profile: agency)?\n',
    });
  });

  it('no region and no credentials say what to set', async () => {
    const nobody = await ezw(['doctor', 'demo'], { env: { HOME: folder } });
    expect(nobody).toMatchObject({ code: 1, stderr: 'ezw: No AWS region: set AWS_REGION, or use --local.\n' });
    const stranger = await ezw(['doctor', 'demo'], { env: { HOME: folder, AWS_REGION: 'us-east-1' } });
    expect(stranger).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ezw: AWS does not know you: .*\n$/) });
  });
});

describe.concurrent('as a process of its own', () => {
  it.each<[number, readonly string[], string, string]>([
    [0, ['--help'], 'Usage: ezw', ''],
    [1, ['doctor', 'demo', ...NOWHERE], '', 'ezw: Nothing answers at'],
    [2, ['docter'], '', "ezw: unknown command 'docter'"],
  ])('ends with exit code %i, each stream holding what belongs there', async (exitCode, args, out, err) => {
    const { code, stdout, stderr } = await ezwProcess(args);
    expect([code, stdout.slice(0, out.length), stderr.slice(0, err.length)]).toEqual([exitCode, out, err]);
    expect(out === '' ? stdout : stderr).toBe('');
  });
});

describe('help', () => {
  type Ezw = ReturnType<typeof program>;
  const leaves = (command: Ezw, path: readonly string[] = []): [string, Ezw][] =>
    command.commands.length === 0 || command.name() === 'handoff'
      ? [[path.join(' '), command]]
      : command.commands.flatMap((one) => leaves(one as Ezw, [...path, one.name()]));

  it.each([[], ['sends'], ['handoff', 'sign']])(
    '%s, asked for, is on standard output with exit code 0',
    async (...path) => {
      const { code, stdout, stderr } = await ezw([...path.flat(), '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: ezw/);
    },
  );

  it('has a description and an example for every command', () => {
    const all = leaves(program());
    expect(all.length).toBeGreaterThan(10);
    const silent = all.filter(([, command]) => {
      let text = '';
      const writeOut = (written: string): void => {
        text += written;
      };
      command.configureOutput({ writeOut }).outputHelp();
      return !text.includes('$ npx ezw') || command.description() === '';
    });
    expect(silent.map(([path]) => path)).toEqual([]);
  });
});

describe('what needs no stack', () => {
  it('init writes a client file that loads, from options alone, and never over another one', async () => {
    const args = init('bakery', {
      line: 'line-7',
      templates: 'order-ready,appointment-reminder,lead-first-touch',
    });
    const first = await ezw([...args, '--json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const { next, ...told } = JSON.parse(first.stdout) as { client: string; next: string[] };
    expect(told).toMatchObject({ client: 'bakery' });
    // Without the webhook no status comes, and a test would not come all the way.
    const place = (command: string) => next.findIndex((one) => one.includes(`npx ezw ${command} bakery`));
    const order = [place('secrets rotate'), place('webhook register'), place('test-send')];
    expect(order).toEqual(order.filter((at) => at > 0).sort((a, b) => a - b));
    const [client] = await loadClients(folder, 'bakery');
    expect(client).toMatchObject({
      schema: 1,
      name: 'bakery',
      lineId: 'line-7',
      locale: 'he',
      contacts,
      decisions: [],
    });
    const text = readFileSync(join(folder, 'bakery.ts'), 'utf8');
    for (const { ask } of UNSUPPORTED_ASKS) expect(text).toContain(`//   ask: '${ask}'`);
    const second = await ezw(args);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
    expect(readFileSync(join(folder, 'bakery.ts'), 'utf8')).toBe(text);
  });

  it('init leaves nothing behind when an answer is wrong', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.ts'))).toEqual(['bakery.ts']);
  });

  it('init writes where the client is deployed, if that is said, and else how to say it', async () => {
    const aws = { account: '123456789012', region: 'il-central-1' };
    expect(await ezw(init('placed', aws))).toMatchObject({ code: 0 });
    const [client] = await loadClients(folder, 'placed');
    expect(client?.aws).toEqual(aws);
    expect(readFileSync(join(folder, 'bakery.ts'), 'utf8')).toMatch(
      /^ {2}\/\/ aws: \{ account: '123456789012', region: /m,
    );
    expect(await ezw(init('nowhere', { account: '123456789012' }))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('write a region such as eu-central-1'),
    });
  });

  it('init drops no region in silence: without its account it is refused, and nothing is written', async () => {
    expect(await ezw(init('regional', { region: 'il-central-1' }))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^ezw: --region il-central-1 says nothing without its account: add --account/),
    });
    expect(readdirSync(folder)).not.toContain('regional.ts');
  });

  it('init doubts a region that it does not know, which may be younger than it, and writes it', async () => {
    const aws = { account: '123456789012', region: 'us-east-9' };
    const { code, stderr } = await ezw(init('future', aws));
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('knows no region us-east-9 (there is us-east-1, us-east-2)'),
    ]);
    expect((await loadClients(folder, 'future'))[0]?.aws).toEqual(aws);
    expect(await ezw(init('known', { ...aws, region: 'il-central-1' }))).toMatchObject({ code: 0, stderr: '' });
  });

  it('cost names the prices’ date, every service and what is assumed', async () => {
    const { code, stdout, stderr } = await ezw(['cost', '--events', '100000', '--json']);
    const bill = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(stderr).toContain('Synthesises the stack');
    expect(bill).toEqual({
      events: 100_000,
      templates: TEMPLATE_NAMES.length,
      currency: 'USD',
      pricesOf: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      services: expect.any(Object),
      total: expect.any(Number),
      idle: { services: expect.any(Object), total: expect.any(Number) },
      watch: { total: expect.any(Number), ofEachClient: expect.any(Number) },
      unpriced: [],
      assumptions: expect.any(Array),
    });
    for (const { services, total } of [bill, bill.idle]) {
      const sum = Object.values<number>(services).reduce((all, usd) => all + usd, 0);
      expect(total).toBeCloseTo(sum, 2);
    }
    expect(bill.total).toBeGreaterThan(bill.idle.total + 1);
    expect(bill.assumptions.length).toBeGreaterThan(2);
  });

  it('cost of no events is what the stack of the client costs idle', async () => {
    const { stdout } = await ezw(['cost', 'demo', '--events', '0', '--json']);
    const { client, total, idle } = JSON.parse(stdout);
    expect({ client, total }).toEqual({ client: 'demo', total: idle.total });
    expect(total).toBeGreaterThan(1);
    const named = await ezw(['cost', '--client', 'demo', '--events', '0', '--json']);
    expect(named.stdout).toBe(stdout);
  });

  it('cost shows people the idle part beside what events add', async () => {
    const { code, stdout } = await ezw(['cost', '--events', '1000', '--templates', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1,000 events a month\n\n +idle +events +in all\n/);
    expect(stdout).toMatch(/^Total +\$\d\.\d\d +\$\d\.\d\d +\$\d\.\d\d$/m);
    expect(stdout).toContain('One line, 1 template,');
  });

  it('decisions has a form for each unsupported ask, without those that are decided', async () => {
    const all = JSON.parse((await ezw(['decisions', '--json'])).stdout).open.map((one: { ask: string }) => one.ask);
    const rest = JSON.parse((await ezw(['decisions', '--client', 'demo', '--json'])).stdout).open;
    expect(all).toEqual([
      'campaigns',
      'cold-outbound',
      'official-waba',
      'groups-and-channels',
      'bots',
      'crm-ownership',
      'compliance',
    ]);
    expect(rest.map((one: { ask: string }) => one.ask)).toEqual(all.filter((ask: string) => ask !== 'campaigns'));
  });
});
