import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newest } from '../../cli/handoff/files.ts';
import { html } from '../../cli/handoff/html.ts';
import type { Report } from '../../cli/handoff/report.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Ran } from '../in-process.ts';
import { sandboxOf, startDemo } from './demo.ts';
import { ezw } from './ezw.ts';

let stack: LocalStack;
let folder: string;
beforeAll(async () => {
  stack = await startDemo();
  folder = mkdtempSync(join(tmpdir(), 'ezw-handoff-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stack.stop();
});

const handoff = (name: string, ...more: string[]): Promise<Ran> =>
  ezw(['handoff', 'demo', '--quick', '--local', stack.url, '--out', join(folder, name), ...more]);
const jsonFile = (name: string): string => newest(join(folder, name), 'demo') ?? '';
const read = (name: string): Report => JSON.parse(readFileSync(jsonFile(name), 'utf8'));
const page = (name: string): string => readFileSync(jsonFile(name).replace(/json$/, 'html'), 'utf8');
const states = ({ evidence }: Report) => Object.fromEntries(evidence.rows.map(({ area, state }) => [area, state]));

/** Times, ids, hashes and numbers of a run, as what they are. */
const normalised = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replace(/conv_[0-9a-f]{16}/g, 'CONVERSATION')
    .replace(/[0-9a-f]{64}/g, 'HASH')
    .replace(/refused-[0-9a-f]{16}/g, 'REFUSED')
    .replace(/handoff-[0-9a-f]{8}/g, 'handoff-RUN')
    .replace(/••\d\d/g, '••NN')
    .replace(/("run": "|<bdi dir="ltr">)[0-9a-f]{8}(?=["<])/g, '$1RUN');

describe('a run on a good stack', () => {
  it('has every row proven or waiting for a person, and exit code 0', async () => {
    const { code, stdout } = await handoff('good', '--json');
    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(0);
    expect(states(report)).toEqual({
      auth: 'proven',
      health: 'proven',
      idempotency: 'proven',
      webhooks: 'proven',
      workspace: 'waits',
      boundary: 'waits',
      'order-ready': 'proven',
      'appointment-reminder': 'proven',
      'lead-first-touch': 'proven',
      'crm-sync': 'proven',
      escalation: 'proven',
    });
    const order = report.evidence.attempts.find(
      ({ template, attempts }) => template === 'order-ready' && attempts === 1,
    );
    expect(order).toMatchObject({ state: 'ACCEPTED', answer: expect.stringMatching(/^202 att_/) });
  });

  it('shows what the client’s contact would be written when the phone must be linked again', () => {
    const [unlinked, banned] = read('good').evidence.letters ?? [];
    expect(unlinked?.subject).toBe('demo: the WhatsApp line must be linked again');
    expect(banned?.text).toContain('Do not scan a QR code');
    expect(page('good')).toContain('Linked devices &gt; Link a device');
    expect(page('good')).toContain('the team would be asked to hand this on');
  });

  it('holds no whole number, no text, no secret, no script and no outside address', () => {
    for (const text of [page('good'), readFileSync(jsonFile('good'), 'utf8')]) {
      expect(text).not.toMatch(/97250123|501234567|ready for pickup|ezw_line_|whsec_|demo-\w+-secret/);
      expect(text).not.toContain('045cbb83b0e0ef74723a897b5995057886224efd6fb6ef71155621314cd1b6bf');
      expect(text).toMatch(/\+972 •• ••• ••\d\d/);
    }
    expect(page('good')).not.toMatch(/<script|https?:\/\//);
  });

  it('is byte-stable apart from times and ids', async () => {
    const fresh = await startDemo();
    try {
      const again = join(folder, 'again');
      await ezw(['handoff', 'demo', '--quick', '--local', fresh.url, '--out', again]);
    } finally {
      await fresh.stop();
    }
    expect(normalised(readFileSync(jsonFile('again'), 'utf8'))).toBe(
      normalised(readFileSync(jsonFile('good'), 'utf8')),
    );
    expect(normalised(page('again'))).toBe(normalised(page('good')));
  }, 180_000);

  it('reads from right to left in Hebrew, ids from left to right', () => {
    const text = html({ ...read('good'), locale: 'he' });
    expect(text).toContain('<html lang="he" dir="rtl">');
    expect(text).toContain('דוח קבלה');
    expect(text).toContain('ready, confirmed, shipped, out-for-delivery, delivered, cancelled');
    expect(text).toMatch(/<bdi dir="ltr">order:handoff-[0-9a-f]{8}:ready<\/bdi>/);
  });
});

describe('a signature', () => {
  const sign = (...args: string[]) => ezw(['handoff', ...args, '--out', join(folder, 'good')]);

  it('is recorded with the hash of the evidence, and shows', async () => {
    expect(await sign('check', 'demo')).toMatchObject({ code: 1, stdout: expect.stringContaining('not signed') });
    const signed = await sign('sign', 'demo', '--by', 'Dana Levi', '--note', 'saw the replies <b>', '--json');
    expect(signed.code).toBe(0);
    expect(JSON.parse(signed.stdout)).toMatchObject({ by: 'Dana Levi', evidence: read('good').hash });
    expect(await sign('check', 'demo')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('signed by Dana Levi'),
    });
    expect(page('good')).toContain('saw the replies &lt;b&gt;');
  });

  it('is void as soon as the evidence is another', async () => {
    const report = read('good');
    const rows = report.evidence.rows.map((row) => (row.area === 'boundary' ? { ...row, state: 'proven' } : row));
    writeFileSync(jsonFile('good'), JSON.stringify({ ...report, evidence: { ...report.evidence, rows } }));
    const { code, stdout } = await sign('check', 'demo');
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('no signature counts') });
    expect(html(read('good'))).toContain('does not count');
  });
});

describe('with a fault switched on', () => {
  it('the health row fails and says why, and the workflows wait for it', async () => {
    await sandboxOf(stack).fault('health', { kind: 'status', status: 500 }, 0);
    const { code } = await handoff('health');
    await sandboxOf(stack).clearFaults();
    const report = read('health');
    expect(code).toBe(1);
    expect(states(report)).toMatchObject({ health: 'failed', 'order-ready': 'waits', auth: 'proven' });
    expect(page('health')).toMatch(/The health check failed: \u2068health_500\u2069/);
    expect(page('health')).toContain('health: status 500');
  });

  it('the workflow’s row fails and says why, and the health row does not', async () => {
    await sandboxOf(stack).fault('text', { kind: 'status', status: 400 }, 0);
    const { code } = await handoff('text');
    await sandboxOf(stack).clearFaults();
    expect(code).toBe(1);
    expect(states(read('text'))).toMatchObject({ 'order-ready': 'failed', health: 'proven', idempotency: 'waits' });
    expect(page('text')).toMatch(/The message is \u2068REJECTED\u2069: \u2068api_400\u2069/);
  });
});

describe('a number to send to', () => {
  it.each(['0501234567', '+972', 'me'])('%s is refused', async (to) => {
    const { code, stderr } = await handoff('to', '--to', to);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--to takes one number') });
  });
});
