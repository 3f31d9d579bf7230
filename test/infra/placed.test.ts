import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LEAST_BOOTSTRAP } from '../../cli/doctor/account/bootstrap.ts';
import { written } from '../../clients/demo.ts';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { DEMO_ASSEMBLY, KNOWN, templateOf } from './assembly.ts';

const BUNDLES = join(DEMO_ASSEMBLY, 'bundles');

// Which code the functions have makes no difference here.
vi.mock(import('../../lib/bundle.ts'), () => ({
  bundleFunctions: async () => new Map(readdirSync(BUNDLES).map((name) => [name, join(BUNDLES, name)])),
}));

/** A client file that says where it is deployed. */
const AWS = { account: '123456789012', region: 'il-central-1' };
let outdir: string;
beforeAll(async () => {
  outdir = mkdtempSync(join(tmpdir(), 'ezw-placed-'));
  await synthesise([defineClient({ ...written, aws: AWS })], outdir, KNOWN);
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

describe('a stack whose account and region are in the client file', () => {
  test('is of that account and region alone: the CDK refuses whoever has other credentials', () => {
    const { artifacts } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
    expect(artifacts['Ezw-demo'].environment).toBe(`aws://${AWS.account}/${AWS.region}`);
  });

  test('wants of the account what ezw doctor --before-deploy looks for', () => {
    const { artifacts } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
      artifacts: Record<string, { properties?: Record<string, unknown> }>;
    };
    const wanted = Object.values(artifacts).flatMap(
      ({ properties }) => properties?.requiresBootstrapStackVersion ?? [],
    );
    expect([...new Set(wanted)]).toEqual([LEAST_BOOTSTRAP]);
    expect(artifacts['Ezw-demo']?.properties?.bootstrapStackVersionSsmParameter).toBe(
      '/cdk-bootstrap/hnb659fds/version',
    );
  });

  test('is the one that was tried on one machine, but for where its code is taken from and who may call its functions', () => {
    const [placed, anywhere] = [templateOf(outdir, 'demo'), templateOf(DEMO_ASSEMBLY, 'demo')];
    const others = Object.keys(anywhere.Resources).filter(
      (id) => JSON.stringify(anywhere.Resources[id]) !== JSON.stringify(placed.Resources[id]),
    );
    const types = new Set(others.map((id) => anywhere.Resources[id]?.Type));
    expect([...types].sort()).toEqual([
      'AWS::Lambda::Function',
      'AWS::Lambda::LayerVersion',
      'AWS::Lambda::Permission',
    ]);
    expect(Object.keys(placed.Resources)).toEqual(Object.keys(anywhere.Resources));
  });

  test.each([
    ['an account that is none', { account: '1234', region: 'il-central-1' }, /write the 12 digits of the account/],
    ['a region that is none', { account: '123456789012', region: 'Tel Aviv' }, /write a region such as eu-central-1/],
  ])('is refused with %s', (_, aws, message) => {
    expect(() => defineClient({ ...written, aws })).toThrow(message);
  });
});
