import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** A checkout with client files that a later release wrote, and one that is half written. */
const run = promisify(execFile);
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'ezw-versions-'));
  for (const part of ['bin', 'cli', 'functions', 'lib', 'local', 'scripts', 'watch']) {
    cpSync(part, join(copy, part), { recursive: true });
  }
  for (const file of ['package.json', 'tsconfig.json', 'cdk.json', 'clients/example.ts']) {
    cpSync(file, join(copy, file), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  writeFileSync(
    join(copy, 'clients/later.ts'),
    `import { defineClient } from '../lib/client.ts';
export default defineClient({
  schema: 2,
  name: 'later',
  lines: ['of a later release'],
} as never);
`,
  );
  writeFileSync(
    join(copy, 'clients/latest.ts'),
    `import { defineClient, ofAnyLine } from '../lib/client.ts';
export default defineClient({ schema: 3, name: 'latest', lines: ofAnyLine() });
`,
  );
  writeFileSync(join(copy, 'clients/half.ts'), "export default { name: 'half',\n");
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const called = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const options = { cwd: copy, env: { ...process.env, NO_COLOR: '1', CDK_OUTDIR: join(copy, 'out'), ...env } };
  return run(process.execPath, args, options).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );
};
const APP = ['--import', 'tsx', 'bin/app.ts'];
const SAYS =
  'clients/later.ts:3  schema: this release reads version 1, the file is of version 2: update this checkout (git pull, or the tag of the release that reads it)';

it.each<[by: string, args: string[], env?: NodeJS.ProcessEnv]>([
  ['ezw deploy', ['bin/ezw.mjs', 'deploy', 'later']],
  ['ezw doctor', ['bin/ezw.mjs', 'doctor', 'later']],
  ['npm start', ['--import', 'tsx', 'local/main.ts', '--client', 'later', '--port', '0']],
  ['the CDK', APP, { CLIENT: 'later' }],
])(
  '%s says of a file of a later version which one it reads and what to do, and nothing else of it',
  async (_, args, env) => {
    const { code, stderr } = await called(args, env);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(SAYS);
    expect(stderr).not.toMatch(/no such setting|is missing|lines/);
    expect(stderr).not.toContain(' at ');
  },
);

it('a file that cannot be read stops no other client: the CDK says which one is left out, and has the others', async () => {
  const { code, stderr } = await called(APP);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining(`left out, the others are not: ${SAYS}`),
  });
  expect(stderr).toContain('clients/latest.ts:2  schema: this release reads version 1, the file is of version 3');
  expect(stderr).toMatch(/left out, the others are not: clients\/half\.ts/);
  expect(existsSync(join(copy, 'out/Ezw-example.template.json'))).toBe(true);
  expect(existsSync(join(copy, 'out/Ezw-later.template.json'))).toBe(false);
}, 180_000);

it('asked for by its name it is refused, and nothing is synthesised', async () => {
  const { code, stderr } = await called(APP, { CLIENT: 'half' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^clients\/half\.ts/);
});
