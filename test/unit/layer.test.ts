import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import demo from '../../clients/demo.ts';
import { inLayer, readConfig } from '../../functions/shared/runtime/config.ts';
import { handlers } from '../../lib/bundle.ts';
import { slices } from '../../lib/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'ezw-layer-'));
const file = join(folder, 'sender.json');
const layer = (name: string, slice: object): object => inLayer(name, 'bakery', slice);
for (const name of ['ALARMS_GROUP', 'ALARMS_ROLE_ARN', 'WORK_QUEUE_ARN', 'WORK_DLQ_ARN', 'SENDS_TABLE'])
  vi.stubEnv(name, name);
const written = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
afterAll(() => {
  vi.unstubAllEnvs();
  written.mockRestore();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  vi.stubEnv('CONFIG_FILE', file);
  vi.stubEnv('EZW_CLIENT', 'bakery');
  written.mockClear();
  rmSync(file, { force: true });
});

const OWN = { lineId: 'line-1', keysOf: 'line-0', burstPerHour: 'off', only: ['+972501230001'] };
interface Config {
  readonly burstPerHour: unknown;
}
const reading = (text: string, name = 'sender') => {
  writeFileSync(file, text);
  return () => readConfig<Config>(name, name === 'sender' ? ['burstPerHour'] : []);
};
const lines = (): unknown[] => written.mock.calls.map(([line]) => JSON.parse(String(line)));
const mismatch = (reason: string, template = 'sender') => [
  { level: 'error', event: 'config_mismatch', template, reason },
];

describe('settings in the layer', () => {
  it('say their format, whose function’s and whose client’s they are, beside what they are: the last release reads them as its own', () => {
    expect(layer('sender', OWN)).toEqual({ ...OWN, format: 1, function: 'sender', client: 'bakery' });
    expect(reading(JSON.stringify(layer('sender', OWN)))()).toMatchObject(OWN);
    expect(lines()).toEqual([]);
    for (const slice of Object.values(slices(demo))) expect(slice).not.toHaveProperty('format');
    for (const slice of Object.values(slices(demo))) expect(slice).not.toHaveProperty('function');
  });

  it('of the last release, which say nothing of it, are read', () => {
    expect(reading(JSON.stringify(OWN))()).toEqual(OWN);
    expect(lines()).toEqual([]);
  });

  it('of another client of the account are not gone by, though the layer has the same name and the line is whole', () => {
    const foreign = JSON.stringify(inLayer('sender', 'florist', { ...OWN, lineId: 'line-of-the-florist' }));
    expect(reading(foreign)).toThrow('The settings in the layer cannot be used: of_another_client.');
    expect(lines()).toEqual(mismatch('of_another_client'));
  });

  it.each([null, 7, '', ['bakery'], 'Bakery'])('that say %j for a client are another’s', (client) => {
    expect(reading(JSON.stringify({ ...layer('sender', OWN), client }))).toThrow('of_another_client');
  });

  it('are read in the environment of before, which says no client, and so is the layer of before in the new one', () => {
    const { client: _, ...before } = layer('sender', OWN) as { readonly client: string };
    expect(reading(JSON.stringify(before))()).toEqual(before);
    for (const own of [undefined, '']) {
      vi.stubEnv('EZW_CLIENT', own);
      expect(reading(JSON.stringify(layer('sender', OWN)))()).toMatchObject(OWN);
    }
    expect(lines()).toEqual([]);
  });

  it.each<[path: string, reads: boolean]>([
    ['escalation.json', false],
    ['not-sender.json', false],
    ['sender.json.json', false],
    ['sender.json', true],
    // Nobody's own name: of a test, or a bench, that gives two functions one file.
    ['slice', true],
  ])('of the last release, which do not say whose they are, are those of the file’s name: %s', (path, reads) => {
    const other = join(folder, path);
    writeFileSync(other, JSON.stringify(OWN));
    vi.stubEnv('CONFIG_FILE', other);
    const read = () => readConfig<Config>('sender', ['burstPerHour']);
    if (reads) expect(read()).toEqual(OWN);
    else expect(read).toThrow('of_another_function');
    expect(lines()).toEqual(reads ? [] : mismatch('of_another_function'));
  });

  it.each<[what: string, text: string, reason: string]>([
    ['of another function', JSON.stringify(layer('escalation', OWN)), 'of_another_function'],
    ['of nobody', JSON.stringify({ ...OWN, format: 1 }), 'of_another_function'],
    ['of a later format', JSON.stringify({ ...layer('sender', OWN), format: 2 }), 'unknown_format'],
    ['of no format that there is', JSON.stringify({ ...layer('sender', OWN), format: '1' }), 'unknown_format'],
    ['without the line of the keys', JSON.stringify(layer('sender', { ...OWN, keysOf: undefined })), 'incomplete'],
    ['with an empty line', JSON.stringify(layer('sender', { ...OWN, lineId: '' })), 'incomplete'],
    ['without a limit', JSON.stringify(layer('sender', { ...OWN, burstPerHour: null })), 'incomplete'],
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

  it('of every function say another client’s name beside what they are, and are not gone by there', () => {
    for (const [name, slice] of Object.entries(slices(demo))) {
      const text = JSON.stringify(inLayer(name, demo.name, slice));
      expect(JSON.parse(text), name).toMatchObject(JSON.parse(JSON.stringify(slice)));
      vi.stubEnv('EZW_CLIENT', demo.name);
      expect(reading(text, name), name).not.toThrow();
      vi.stubEnv('EZW_CLIENT', 'bakery');
      expect(reading(text, name), name).toThrow('of_another_client');
    }
  });

  // Of all else that it needs hardly a variable is set: whatever it did before it looked would end in another way.
  it.each([...handlers().keys()])(
    'of another function keep %s from starting, before it does anything',
    async (name) => {
      const slice = slices(demo)[name] ?? {};
      writeFileSync(file, JSON.stringify(layer(`not-${name}`, slice)));
      // Loaded for this test alone: another file of the same worker has the function start.
      await expect(import(`../../functions/${name}/handler.ts?wrong-layer`)).rejects.toThrow('of_another_function');
      expect(lines()).toEqual(mismatch('of_another_function', name));
    },
  );
});
