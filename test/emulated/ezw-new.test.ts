import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Extensions in a copy of the project, as somebody would make them: the command, then what everybody runs. The copy has no
 * packages of its own but a link to ours.
 */
const run = promisify(execFile);
const PARTS = ['bin', 'cli', 'clients', 'functions', 'lib', 'local', 'scripts', 'test', 'watch'];
const FILES = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'biome.json', 'cdk.json'];
let copy: string;

const inCopy = async (command: string, ...args: string[]) => {
  try {
    const { stdout, stderr } = await run(command, args, { cwd: copy, env: { ...process.env, CI: '', NO_COLOR: '1' } });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code = 1, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { code, said: stdout + stderr };
  }
};
const bin = (name: string): string => join(copy, 'node_modules/.bin', name);
/** Several commands, one after the other, in one process of the copy: each by itself would take a second and a half to load. */
const SEVERAL = `
import { program } from './cli/program.ts';
import { run } from './cli/run.ts';
for (const args of JSON.parse(process.argv[2] ?? '[]')) {
  process.exitCode = 0;
  console.log(JSON.stringify({ code: await run(program(), ['node', 'ezw', 'new', ...args]) }));
}`;
const make = async (...commands: string[][]) => {
  const { said } = await inCopy(bin('tsx'), 'several.mts', JSON.stringify(commands));
  return { said, codes: [...said.matchAll(/\{"code":(\d)\}/g)].map(([, code]) => Number(code)) };
};
const contract = async (file: string, name: string) =>
  (await inCopy(bin('vitest'), 'run', '--project', 'contract', `test/contract/${file}.test.ts`, '-t', name)).said;
/** What of a template looks at its registry, at all its folders, or at a client that has everything on; all else is of one source alone. */
const OF_ALL = 'order-ready (\\S+ lacks nothing|is finished|has a folder)|as it says order-ready custom';

/** Every file of the copy, with what is in it. */
const tree = (): Map<string, string> => {
  const files = PARTS.flatMap((part) =>
    readdirSync(join(copy, part), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name)),
  );
  return new Map(files.map((file) => [file.slice(copy.length + 1), readFileSync(file, 'utf8')]));
};

const KINDS: [what: string, args: string[], folder: string, registry: string, line: string][] = [
  [
    'a source',
    ['source', 'order-ready', 'square-space-2'],
    'functions/order-ready/sources/square-space-2',
    'functions/order-ready/sources.ts',
    "export { source as 'square-space-2' } from './sources/square-space-2/source.ts';",
  ],
  [
    'a CRM',
    ['crm', 'monday'],
    'functions/crm-sync/crms/monday',
    'functions/crm-sync/crms.ts',
    "export { crm as monday } from './crms/monday/crm.ts';",
  ],
  [
    'a notifier',
    ['notifier', 'telegram'],
    'functions/escalation/notifiers/telegram',
    'functions/escalation/notifiers.ts',
    "export { notifier as telegram } from './notifiers/telegram/notifier.ts';",
  ],
  [
    'a source whose name goes on from another one',
    ['source', 'order-ready', 'shopify-plus'],
    'functions/order-ready/sources/shopify-plus',
    'functions/order-ready/sources.ts',
    "export { source as 'shopify-plus' } from './sources/shopify-plus/source.ts';",
  ],
  [
    'a template',
    ['template', 'invoice-due'],
    'functions/invoice-due',
    'functions/templates.ts',
    "export { template as 'invoice-due' } from './invoice-due/template.ts';",
  ],
  // Two letters and as many as there may be: lines are laid out by their length.
  [
    'a template with a short name',
    ['template', 'ab'],
    'functions/ab',
    'functions/templates.ts',
    "export { template as ab } from './ab/template.ts';",
  ],
  [
    'a template with a long name',
    ['template', 'a-name-of-thirty-letters-in-all'.slice(0, 30)],
    'functions/a-name-of-thirty-letters-in-al',
    'functions/templates.ts',
    "export { template as 'a-name-of-thirty-letters-in-al' } from './a-name-of-thirty-letters-in-al/template.ts';",
  ],
];

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'ezw-copy-'));
  for (const part of PARTS) cpSync(part, join(copy, part), { recursive: true });
  for (const file of FILES) cpSync(file, join(copy, file));
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  writeFileSync(join(copy, 'several.mts'), SEVERAL);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('a new extension', () => {
  it('is a folder and one line in one file, of whichever kind', async () => {
    const before = tree();
    const { said, codes } = await make(...KINDS.map(([, args]) => args));
    expect(codes).toEqual(KINDS.map(() => 0));
    const after = tree();
    const touched = [...after].flatMap(([file, text]) => (before.get(file) === text ? [] : [file]));
    const folders = KINDS.map(([, , folder]) => `${folder}/`);
    const others = touched.filter((file) => !folders.some((folder) => file.startsWith(folder)));
    const registries = KINDS.map(([, , , registry]) => registry);
    expect(others.sort()).toEqual([...new Set(registries)].sort());
    for (const [, , folder, registry, line] of KINDS) {
      expect(said).toContain(`~ ${registry}: ${line}`);
      expect(touched.some((file) => file.startsWith(`${folder}/`))).toBe(true);
    }
    const added = [...new Set(registries)].flatMap((registry) => {
      const known = before.get(registry)?.split('\n') ?? [];
      return (
        after
          .get(registry)
          ?.split('\n')
          .filter((one) => !known.includes(one)) ?? []
      );
    });
    expect(added.sort()).toEqual(KINDS.map(([, , , , line]) => line).sort());
  });

  it('type-checks, is laid out and linted as all else, and its stack can be built, untouched', async () => {
    expect(await inCopy(bin('tsc'), '--noEmit', '-p', '.')).toMatchObject({ code: 0 });
    expect(await inCopy(bin('biome'), 'ci', '--error-on-warnings', '--vcs-enabled=false', 'functions')).toMatchObject({
      code: 0,
    });
    process.env.CDK_OUTDIR = join(copy, 'out');
    const { code, said } = await inCopy(bin('tsx'), 'bin/app.ts');
    delete process.env.CDK_OUTDIR;
    expect(said).not.toContain('Error');
    expect(code).toBe(0);
    expect(existsSync(join(copy, 'out/bundles/invoice-due/index.mjs'))).toBe(true);
    const template = readFileSync(join(copy, 'out/Ezw-demo.template.json'), 'utf8');
    expect(template).toContain('POST /invoice-due/{source}');
    expect(template).toContain('OrderReadySquareSpace2Url');
  }, 180_000);

  it('is told line by line what it still lacks, and fails no test of another', async () => {
    const said = await contract('sources', OF_ALL);
    expect(said).toMatch(/functions\/order-ready\/sources\/square-space-2\/source\.ts:\d+: what is needed of the body/);
    expect(said).toContain('functions/order-ready/sources/square-space-2/samples/: write one that becomes a message');
    // Of whole groups, too, whose tests are skipped when they cannot begin.
    expect([...said.matchAll(/FAIL .*?\.ts > (.+)/g)].map(([, name]) => name)).toEqual([
      'order-ready > shopify-plus > lacks nothing',
      'order-ready > square-space-2 > lacks nothing',
    ]);
    expect(said).toMatch(/Tests +2 failed \|/);
    for (const [file, name, place] of [
      ['crms', 'monday', 'monday/README.md cites no page'],
      ['notifiers', 'telegram', 'telegram/notifier.ts:7: '],
    ] as const) {
      const list = await contract(file, name);
      expect(list).toContain(place);
      expect(list).toMatch(/Tests +1 failed \|/);
    }
  });

  it('passes the contract once what is marked is done', async () => {
    const folder = join(copy, 'functions/invoice-due');
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
      /\.(ts|md)$/.test(one),
    )) {
      const text = readFileSync(join(folder, file), 'utf8');
      writeFileSync(join(folder, file), text.replaceAll('TODO: ', 'Here stands '));
    }
    expect(await contract('sources', 'invoice-due')).toMatch(/Tests +\d+ passed/);
  });
});

describe('a registry', () => {
  const registry = () => join(copy, 'functions/crm-sync/crms.ts');

  it('keeps its line ends, and its order whichever comes first', async () => {
    const text = readFileSync(registry(), 'utf8');
    writeFileSync(registry(), text.replaceAll('\n', '\r\n'));
    expect((await make(['crm', 'zz'], ['crm', 'aa'])).codes).toEqual([0, 0]);
    const lines = readFileSync(registry(), 'utf8')
      .split('\r\n')
      .filter((line) => line.startsWith('export'));
    const names = lines.map((line) => / as '?([\w-]+)/.exec(line)?.[1] ?? '');
    expect(names).toEqual([...names].sort());
    expect(lines).toHaveLength(text.split('\n').filter((line) => line.startsWith('export')).length + 2);
    expect(readFileSync(registry(), 'utf8')).not.toMatch(/[^\r]\n/);
  });

  it('that is more than a list is left alone, and the line is said; what is there already too', async () => {
    writeFileSync(registry(), `${readFileSync(registry(), 'utf8')}const more = 1;\r\n`);
    const before = tree();
    const { said, codes } = await make(['crm', 'later'], ['crm', 'zz'], ['crm', 'zz']);
    expect(codes).toEqual([2, 2, 2]);
    expect(said).toContain("add by hand export { crm as later } from './crms/later/crm.ts';");
    expect(said).toContain('functions/crm-sync/crms/zz is there already. Nothing was changed.');
    expect(tree()).toEqual(before);
  });
});

it('what cannot be loaded is named by every command in one line, with its file', async () => {
  const ezw = async () => inCopy('node', 'bin/ezw.mjs', 'trigger', '--list');
  const folder = join(copy, 'functions/crm-sync/crms/aa');
  writeFileSync(join(folder, 'crm.ts'), `export const crm = 1;\nthrow new Error('not yet');\n`);
  expect(await ezw()).toEqual({
    code: 1,
    said: 'ezw: functions/crm-sync/crms/aa/crm.ts:2 cannot be loaded: not yet\n',
  });
  rmSync(folder, { recursive: true });
  const { code, said } = await ezw();
  expect(code).toBe(1);
  expect(said).toMatch(/^ezw: functions\/crm-sync\/crms\.ts names \S+crms\/aa\/crm\.ts, which is not there: .+\n$/);
});
