import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../../local/sandbox/sandbox.ts';

const LINE_TOKEN = 'ezw_line_browser';
const sandbox = createSandbox({ lineToken: LINE_TOKEN, lineId: 'line-browser' });
const record = {
  pk: 'line-browser#order:9:ready',
  key: 'order:9:ready',
  state: 'REJECTED',
  reason: 'no_usable_phone',
  attempts: 0,
};

const SAMPLES = [
  {
    template: 'shop',
    source: 'one',
    sample: 'paid',
    title: 'An order <b>was</b> paid',
    hasPhone: true,
    becomes: ['ACCEPTED', 'ACCEPTED'],
  },
  { template: 'shop', source: 'two', sample: 'looked-up', title: 'Only an id', hasPhone: false, becomes: [] },
];
const FIRED = {
  results: [
    {
      id: '7',
      status: 200,
      answer: 'queued 1',
      sends: [{ key: 'order:7:ready', state: 'REJECTED', reason: 'no_usable_phone' }],
    },
  ],
};
/** What people decided about the line: nothing, until a test says so. */
let control: object = { pk: 'line-browser#control' };
/** What the watcher told, and how often the page had it look. */
let mails: object[] = [];
let looks = 0;
/** What the page asked to send. */
const fired: unknown[] = [];

let browser: Browser;
let api: { url: string; close(): Promise<void> };
let publicServer: Server;
let page: Page;
let problems: string[];

beforeAll(async () => {
  api = await sandbox.listen(0);
  // As the local stack's public port does: its own state beside the sandbox's page.
  const publicApp = new Hono()
    .get('/_local/state', (c) => c.json({ tables: { sends: [record, control] } }))
    .get('/_local/samples', (c) => c.json(SAMPLES))
    .get('/_local/watch', (c) => c.json({ messages: mails, runs: [] }))
    .post('/_local/watch', (c) => {
      looks += 1;
      return c.json({ result: {} });
    })
    .post('/_local/samples', async (c) => {
      fired.push(await c.req.json());
      return c.json(FIRED);
    });
  publicApp.all('*', (c) => sandbox.app.fetch(c.req.raw));
  publicServer = createServer(getRequestListener(publicApp.fetch));
  await new Promise<void>((resolve) => publicServer.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  publicServer?.closeAllConnections();
  publicServer?.close();
  await api?.close();
});

beforeEach(async () => {
  control = { pk: 'line-browser#control' };
  mails = [];
  await sandbox.app.request('/_sandbox/messages', { method: 'DELETE' });
  await sandbox.app.request('/_sandbox/spoken', { method: 'DELETE' });
  await sandbox.app.request('/_sandbox/faults', { method: 'DELETE' });
  problems = [];
  page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`http://127.0.0.1:${(publicServer.address() as AddressInfo).port}/`);
  return () => page.close();
});

const send = (key: string, body: Record<string, unknown>) =>
  fetch(`${api.url}/api/v1/messages/text`, {
    method: 'POST',
    headers: { authorization: `Bearer ${LINE_TOKEN}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ to: '+972501234567', ...body }),
  });

const article = () => page.getByRole('article');
const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

test('a message shows up by itself, with its key, attempts and button', async () => {
  await page.getByText('No message yet').waitFor();
  const body = { body: 'Ready.', ctaUrlButton: { displayText: 'Open order', url: 'https://shop.example/orders/1' } };
  await send('order:1:ready', body);
  await send('order:1:ready', body);
  await article().getByText('2 attempts').waitFor();
  expect(await page.getByRole('heading', { level: 3 }).textContent()).toBe('+972501234567');
  expect(await article().getByText('order:1:ready').count()).toBe(1);
  const link = article().getByRole('link', { name: 'Open order' });
  expect(await link.getAttribute('href')).toBe('https://shop.example/orders/1');
  expect(problems).toEqual([]);
});

test('Hebrew reads from the right, and markup stays text', async () => {
  await send('order:2:ready', { body: 'ההזמנה מוכנה' });
  await send('order:3:ready', { body: '<img src=x onerror="document.title=1">' });
  await article().nth(1).waitFor();
  expect(await article().locator('p:dir(rtl)').allTextContents()).toEqual(['ההזמנה מוכנה']);
  expect(await article().locator('p:dir(ltr)').allTextContents()).toEqual(['<img src=x onerror="document.title=1">']);
  expect(await article().locator('img').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('the line is switched off and on by the keyboard', async () => {
  const line = page.getByRole('switch', { name: 'Can send' });
  await page.getByText('line-browser').waitFor();
  await line.focus();
  await page.keyboard.press('Space');
  await page.getByRole('status').getByText('The line is off').waitFor();
  expect(await line.getAttribute('aria-checked')).toBe('false');
  expect((await send('order:4:ready', { body: 'x' })).status).toBe(503);
  await page.keyboard.press('Space');
  await page.locator('[role=switch][aria-checked=true]').waitFor();
  expect((await send('order:4:ready', { body: 'x' })).status).toBe(202);
});

test('a fault is planned, listed and cleared', async () => {
  await press('429, retry after 5 s');
  await page.getByRole('region', { name: 'Planned faults' }).getByText('status 429').waitFor();
  const struck = await send('order:5:ready', { body: 'x' });
  expect([struck.status, struck.headers.get('retry-after')]).toEqual([429, '5']);
  await page.getByText('None planned').waitFor();
  await press('500 once');
  await page.getByText('status 500').waitFor();
  await press('Clear faults');
  await page.getByText('None planned').waitFor();
  expect((await send('order:5:ready', { body: 'x' })).status).toBe(202);
});

test('a refusal closes the API but not the page', async () => {
  await press('Refuse for 10 s');
  await page.getByText('refuse 10 s').waitFor();
  await expect(send('order:6:ready', { body: 'x' })).rejects.toThrow('fetch failed');
  await press('Clear faults');
  await page.getByText('None planned').waitFor();
  expect((await send('order:6:ready', { body: 'x' })).status).toBe(202);
});

test("the ledger's records are shown with their reason", async () => {
  const row = page.getByRole('region', { name: 'Ledger of sends' }).getByRole('row').nth(1);
  await row.waitFor();
  const cells = row.getByRole('cell');
  expect(await cells.allTextContents()).toEqual(['order:9:ready', 'REJECTED', 'no_usable_phone', '0']);
});

test('what the operator is told shows up as text, newest first, and a look is one press away', async () => {
  await page.getByText('Nothing: all is well').waitFor();
  const at = '2026-11-28T09:00:00.000Z';
  mails = [
    { at, client: 'demo', subject: 'Ezw demo: line', message: 'demo: line\nWhat to do: <b>npx ezw</b>', to: [] },
    { at, client: 'demo', subject: 'Ezw well again: demo: line', message: 'demo: line', to: [] },
  ];
  const shown = page.locator('.mail');
  await shown.nth(1).waitFor();
  expect(await shown.locator('b').allTextContents()).toEqual(['Ezw well again: demo: line', 'Ezw demo: line']);
  expect(await shown.nth(1).textContent()).toContain('<b>npx ezw</b>');
  await press('Look now');
  await expect.poll(() => looks).toBe(1);
  expect(problems).toEqual([]);
});

test('what keeps messages from leaving is shown in red, with who paused it and why, as text', async () => {
  expect(await page.locator('.held').count()).toBe(0);
  const word = { by: 'Dana', at: Date.parse('2026-11-27T10:00:00Z') };
  control = {
    pk: 'line-browser#control',
    paused: { ...word, reason: '<b>מחיר שגוי</b>' },
    trouble: { kind: 'banned', at: word.at },
    templates: { 'order-ready': word },
  };
  const held = page.locator('.held');
  await expect.poll(() => held.count()).toBe(3);
  expect(await held.allTextContents()).toEqual([
    expect.stringMatching(/^The line is paused since \S+ by Dana: <b>מחיר שגוי<\/b>\. Nothing leaves\.$/),
    expect.stringContaining('shut out by WhatsApp'),
    expect.stringMatching(/^order-ready is paused since/),
  ]);
  expect(await page.evaluate("getComputedStyle(document.querySelector('.held')).color")).toBe('rgb(168, 32, 26)');
});

test("on the API's own port, where there is no ledger, the page says where to look", async () => {
  await page.goto(`${api.url}/`);
  await page.getByText('public port').waitFor();
});

test('it fits a phone, in the dark too', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 800 });
  await send('order:7:ready', { body: `https://shop.example/${'long'.repeat(60)}` });
  await article().waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(18, 22, 20)');
});

test('one can write as the customer and answer as the team, in one conversation with what was sent', async () => {
  await send('order:7:ready', { body: 'Ready.' });
  await page.getByLabel('Message').fill('מתי אתם פותחים?');
  await press('Write as the customer');
  await article().getByText('מתי אתם פותחים?').waitFor();
  await page.getByLabel('Message').fill('At nine.');
  await press('Answer as the team');
  await article().getByText('At nine.').waitFor();
  expect(await page.getByRole('heading', { level: 3 }).allTextContents()).toEqual(['+972501234567']);
  expect(await article().locator('p').allTextContents()).toEqual(['Ready.', 'מתי אתם פותחים?', 'At nine.']);
  await press('Forget messages');
  await page.getByText('No message yet').waitFor();
  expect(problems).toEqual([]);
});

test('an event of the library is sent from the keyboard alone, about the phone that was typed, and what became of it is read out', async () => {
  fired.length = 0;
  await page.getByLabel('As its vendor sends it').focus();
  await page.keyboard.type('one');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('+972501230007');
  await page.keyboard.press('Enter');
  const outcome = page.locator('#fired[role=status]');
  await outcome.getByText('REJECTED no_usable_phone').waitFor();
  expect(await outcome.innerText()).toContain('200 queued 1, id 7');
  expect(fired).toEqual([{ template: 'shop', source: 'one', sample: 'paid', phone: '+972501230007' }]);
  expect(await page.locator('#told').innerText()).toBe('An order <b>was</b> paid. Becomes: ACCEPTED.');
  expect(problems).toEqual([]);
});

test('where only the vendor knows the phone, none can be typed', async () => {
  await page.getByLabel('As its vendor sends it').selectOption({ label: 'two: looked-up' });
  expect(await page.getByLabel('About the phone').isDisabled()).toBe(true);
  expect(await page.locator('#told').innerText()).toBe('Only an id. Becomes: nothing.');
});

test('what became of an event fits a narrow phone', async () => {
  await page.setViewportSize({ width: 320, height: 700 });
  await page.getByRole('button', { name: 'Send the event' }).click();
  await page.locator('#fired').getByText('order:7:ready').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
});

test('the contract is shown where it is not as assumed', async () => {
  const put = (contract: string) =>
    sandbox.app.request('/_sandbox/contract', { method: 'PUT', body: JSON.stringify({ contract }) });
  await page.getByText('line-browser').waitFor();
  expect(await page.locator('#contract').isVisible()).toBe(false);
  await put('people=lid, same-key=409');
  await page.locator('[data-contract="same-key=409, people=lid"]').waitFor();
  expect(await page.locator('#contract').textContent()).toBe('Contract: same-key=409, people=lid');
  await put('as assumed');
  await page.locator('#contract').waitFor({ state: 'hidden' });
  expect(problems).toEqual([]);
});
