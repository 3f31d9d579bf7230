import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import demo from '../../clients/demo.ts';
import { inLayer, readConfig } from '../../functions/shared/runtime/config.ts';
import { handlers } from '../../lib/bundle.ts';
import { slices } from '../../lib/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'ezw-layer-'));
const file = join(folder, 'slice.json');
vi.stubEnv('CONFIG_FILE', file);
for (const name of ['ALARMS_GROUP', 'ALARMS_ROLE_ARN', 'WORK_QUEUE_ARN', 'WORK_DLQ_ARN', 'SENDS_TABLE'])
  vi.stubEnv(name, name);
const written = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
afterAll(() => {
  vi.unstubAllEnvs();
  written.mockRestore();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  written.mockClear();
  rmSync(file, { force: true });
});

const OWN = { lineId: 'line-1', keysOf: 'line-0', burstPerHour: 'off', only: ['+972501230001'] };
interface Config {
  readonly burstPerHour: unknown;
}
const reading = (text: string) => {
  writeFileSync(file, text);
  return () => readConfig<Config>('sender', ['burstPerHour']);
};
const lines = (): unknown[] => written.mock.calls.map(([line]) => JSON.parse(String(line)));
const mismatch = (reason: string, template = 'sender') => [
  { level: 'error', event: 'config_mismatch', template, reason },
];

describe('settings in the layer', () => {
  it('say their format and whose they are, beside what they are: the last release reads them as its own', () => {
    expect(inLayer('sender', OWN)).toEqual({ ...OWN, format: 1, function: 'sender' });
    expect(reading(JSON.stringify(inLayer('sender', OWN)))()).toMatchObject(OWN);
    expect(lines()).toEqual([]);
    for (const slice of Object.values(slices(demo))) expect(slice).not.toHaveProperty('format');
    for (const slice of Object.values(slices(demo))) expect(slice).not.toHaveProperty('function');
  });

  it('of the last release, which say neither, are read', () => {
    expect(reading(JSON.stringify(OWN))()).toEqual(OWN);
    expect(lines()).toEqual([]);
  });

  it.each<[what: string, text: string, reason: string]>([
    ['of another function', JSON.stringify(inLayer('escalation', OWN)), 'of_another_function'],
    ['of nobody', JSON.stringify({ ...OWN, format: 1 }), 'of_another_function'],
    ['of a later format', JSON.stringify({ ...inLayer('sender', OWN), format: 2 }), 'unknown_format'],
    ['of no format that there is', JSON.stringify({ ...inLayer('sender', OWN), format: '1' }), 'unknown_format'],
    ['without the line of the keys', JSON.stringify(inLayer('sender', { ...OWN, keysOf: undefined })), 'incomplete'],
    ['with an empty line', JSON.stringify(inLayer('sender', { ...OWN, lineId: '' })), 'incomplete'],
    ['without a limit', JSON.stringify(inLayer('sender', { ...OWN, burstPerHour: null })), 'incomplete'],
    ['of the last release, not whole', JSON.stringify({ lineId: 'line-1', keysOf: 'line-1' }), 'incomplete'],
    ['that are cut', '{"lineId": "line-1", "only": ["+97250123', 'unreadable'],
    ['that are a list', '[]', 'unreadable'],
  ])('%s: the function does not start, and the log says why and nothing of them', (_, text, reason) => {
    expect(reading(text)).toThrow(`The settings in the layer cannot be used: ${reason}.`);
    expect(lines()).toEqual(mismatch(reason));
  });

  it('that are not there at all are told the same way', () => {
    expect(() => readConfig<Config>('sender', [])).toThrow('unreadable');
    expect(lines()).toEqual(mismatch('unreadable'));
  });

  // Of all else that it needs hardly a variable is set: whatever it did before it looked would end in another way.
  it.each([...handlers().keys()])(
    'of another function keep %s from starting, before it does anything',
    async (name) => {
      const slice = slices(demo)[name] ?? {};
      writeFileSync(file, JSON.stringify(inLayer(`not-${name}`, slice)));
      await expect(import(`../../functions/${name}/handler.ts`)).rejects.toThrow('of_another_function');
      expect(lines()).toEqual(mismatch('of_another_function', name));
    },
  );
});
