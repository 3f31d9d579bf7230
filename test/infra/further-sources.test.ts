import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { defineClient } from '../../lib/client.ts';
import { synthesise } from '../../lib/synthesise.ts';
import { contacts } from '../contacts.ts';
import { DEMO_ASSEMBLY, ofType, templateOf } from './assembly.ts';

const BUNDLES = join(DEMO_ASSEMBLY, 'bundles');

// The bundles are those of the shared assembly.
vi.mock(import('../../lib/bundle.ts'), () => ({
  bundleFunctions: async () => new Map(readdirSync(BUNDLES).map((name) => [name, join(BUNDLES, name)])),
}));

const consent = { fields: ['agreed'] };
const client = defineClient({
  name: 'two',
  lineId: 'line-two',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts,
  templates: {
    'lead-first-touch': {
      texts: { en: { body: 'Thank you. Reply STOP to hear no more.' } },
      ids: 'shared',
      sources: {
        form: { consent },
        'form-haifa': { kind: 'form', consent, browser: { origins: ['https://haifa.example'] } },
        'meta-haifa': { kind: 'meta', consent },
      },
    },
  },
});

let outdir: string;
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'ezw-further-'));
  await synthesise([client], outdir);
});
afterAll(() => rm(outdir, { recursive: true, force: true }));

test('a further source of a kind has an output, and each door that its kind and its own settings ask for', () => {
  const template = templateOf(outdir, 'two');
  const routes = ofType(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => String(Properties.RouteKey));
  expect(routes.filter((route) => route.includes('/lead-first-touch/')).sort()).toEqual([
    'ANY /lead-first-touch/{path+}',
    'GET /lead-first-touch/meta-haifa',
    'OPTIONS /lead-first-touch/form-haifa',
    'POST /lead-first-touch/form-haifa',
    'POST /lead-first-touch/form-haifa/{secret}',
    'POST /lead-first-touch/form/{secret}',
    'POST /lead-first-touch/{source}',
  ]);
  expect(
    Object.keys(template.Outputs)
      .filter((name) => name.startsWith('LeadFirstTouch'))
      .sort(),
  ).toEqual(['LeadFirstTouchFormHaifaUrl', 'LeadFirstTouchFormUrl', 'LeadFirstTouchMetaHaifaUrl']);
  expect(JSON.stringify(template.Outputs.LeadFirstTouchFormHaifaUrl?.Value)).toContain('/lead-first-touch/form-haifa"');
});
