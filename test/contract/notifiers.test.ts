import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Alert, alertOf } from '../../functions/escalation/alert.ts';
import type { EscalationConfig, NotifierName, NotifierSettings } from '../../functions/escalation/config.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import { createSandbox } from '../../local/sandbox/sandbox.ts';

const files = readdirSync('functions/escalation/notifiers').map((file) => basename(file, '.ts') as NotifierName);
const LINK = 'https://app.example/c/conv-1';

let url: string;
let close: () => Promise<void>;
let send: (name: NotifierName) => Promise<void>;
let alert: Alert;

beforeAll(async () => {
  const sandbox = createSandbox({ lineToken: 'ezw_line_test_1', lineId: 'line' });
  ({ url, close } = await sandbox.listen(0));
  process.env.AWS_ENDPOINT_URL_SQS = 'http://127.0.0.1:1';
  process.env.AWS_ENDPOINT_URL_SESV2 = `${url}/notifier/ses`;
  process.env.AWS_REGION = 'us-east-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const { notify, notifiers } = await import('../../functions/escalation/notifiers.ts');
  expect([...Object.keys(notifiers), 'email'].sort()).toEqual([...files].sort());
  const settings: NotifierSettings = {
    slack: {},
    teams: {},
    pagerduty: { api: `${url}/notifier/pagerduty` },
    email: { from: 'alerts@agency.example', to: ['team@agency.example'] },
    webhook: { url: `${url}/notifier/webhook` },
  };
  const secret = JSON.stringify({
    slack: `${url}/notifier/slack/services/T/B/x`,
    teams: `${url}/notifier/teams/workflows/1`,
    pagerduty: 'routing-key',
    webhook: 'whsec_V4UrLAhFfaWG4EvjgE43fsguS1oUG1iGhDr5fh4BEEk=',
  });
  send = (name) => notify(name, alert, settings, { secret: async () => secret, http, now: Date.now });
});
afterAll(() => close());

const config = { lineId: 'line', client: 'demo', conversationUrl: 'https://app.example/c', text: true };
beforeEach(async () => {
  await fetch(`${url}/_sandbox/notifications`, { method: 'DELETE' });
  alert = alertOf(
    { name: 'urgent', severity: 'critical', notify: files, when: { keywords: ['urgent'] } },
    {
      kind: 'message',
      id: 'm1',
      conversation: 'conv-1',
      conversationId: 'conv-1',
      phone: '+972501234567',
      fromMe: false,
      individual: true,
      type: 'text',
      at: '2026-11-22T10:00:00.000Z',
      name: 'Dana',
      text: 'urgent <!channel> <https://bad.example|click> [x](https://bad.example) & *bold*',
    },
    config as EscalationConfig,
  );
});

const taken = async () =>
  (await (await fetch(`${url}/_sandbox/notifications`)).json()) as {
    notifier: string;
    headers: Record<string, string>;
    body: Record<string, unknown>;
  }[];

describe.each(files)('%s', (name) => {
  it('tells who, what and how bad, with a link to the conversation', async () => {
    await send(name);
    const [call, ...more] = await taken();
    expect(more).toEqual([]);
    const written = JSON.stringify(call?.body);
    for (const fact of [LINK, 'critical', 'demo', 'Dana', '972501234567']) expect(written).toContain(fact);
  });

  it('is the same alert when it is sent again, where the sink keeps each once', async () => {
    await send(name);
    await send(name);
    const [first, second] = await taken();
    if (name === 'webhook') expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
    if (name === 'pagerduty') expect(first?.body.dedup_key).toBe(second?.body.dedup_key);
    expect(JSON.stringify(first?.body)).toBe(JSON.stringify(second?.body));
  });

  it('whose message is a long one with an emoji at every place is well-formed', async () => {
    for (const letters of ['', 'x']) {
      alert = { ...alert, name: `${letters}${'🎂'.repeat(299)}`, text: `${letters}${'👨‍👩‍👧'.repeat(800)}` };
      await send(name);
    }
    const calls = await taken();
    expect(calls).toHaveLength(2);
    for (const { body } of calls) {
      const written = JSON.stringify(body);
      expect(written).toContain('🎂');
      expect(written).not.toMatch(/\p{Cs}|\\ud[89a-f]|\ufffd|\u200d(?!\p{Emoji})/u);
    }
  });

  it('a refusal is no success', async () => {
    for (const status of [404, 429, 500]) {
      const order = { on: name === 'email' ? 'mail' : 'notifier', fault: { kind: 'status', status } };
      await fetch(`${url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(order) });
      await expect(send(name)).rejects.toThrow();
    }
    expect(await taken()).toEqual([]);
  });

  it('is described in the README', () => {
    expect(readFileSync('functions/escalation/README.md', 'utf8')).toContain(`\`${name}\``);
  });
});

it('what a customer wrote is no mention, link or format in Slack and Teams', async () => {
  await send('slack');
  await send('teams');
  const [slack, teams] = await taken();
  expect(String(slack?.body.text)).toContain('&lt;!channel&gt;');
  expect(JSON.stringify(slack?.body)).not.toContain('"type":"mrkdwn"');
  expect(JSON.stringify(teams?.body)).not.toMatch(/[^\\]\[x\]\(https/);
});
