import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClientFileError, loadClients } from '../../lib/load-clients.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ezw-clients-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = (name: string, source: string) => writeFile(join(folder, `${name}.ts`), source);

test('all client files are read, in the order of their names', async () => {
  await file('south', `export default { name: 'south', templates: {} };`);
  await file('north', `export default { name: 'north', templates: {} };`);
  expect((await loadClients(folder)).map(({ name }) => name)).toEqual(['north', 'south']);
});

test('one client can be deployed while the file of another is broken', async () => {
  await file('good', `export default { name: 'good', templates: {} };`);
  await file('bad', `throw new Error('half written');`);
  await expect(loadClients(folder)).rejects.toThrow(ClientFileError);
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

test('a file without a client says what to write', async () => {
  await file('empty', `export const client = {};`);
  await expect(loadClients(folder)).rejects.toThrow(/^clients\/empty\.ts: write "export default defineClient/);
});

test('a client called other than its file is refused, for two could share one name', async () => {
  await file('copy', `export default { name: 'original', templates: {} };`);
  await expect(loadClients(folder)).rejects.toThrow(/^clients\/copy\.ts: name is "original"; write name: 'copy'/);
});

test('a client that does not exist is answered with those that do', async () => {
  await file('north', `export default { name: 'north', templates: {} };`);
  await expect(loadClients(folder, 'nroth')).rejects.toThrow('No client file clients/nroth.ts. There are: north.');
});
