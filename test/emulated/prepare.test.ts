import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oldSalt, prepare, tidy } from '../../cli/deploy/prepare.ts';
import { fingerprint } from '../../cli/deploy/salt.ts';
import { entriesOf, readEntry, readSecret, writeEntry, writeNamed } from '../../cli/secrets/store.ts';
import type { Target } from '../../cli/target/target.ts';
import { type Client, defineClient } from '../../lib/client.ts';
import { READS } from '../../lib/parameter-names.ts';
import { readBy } from '../../lib/parameters.ts';
import { ParameterServer } from '../../local/parameters/server.ts';
import { SecretsServer } from '../../local/secrets-manager/server.ts';
import { demoClient, KNOWN } from '../infra/assembly.ts';

/** What `ezw deploy` makes before it calls the CDK, against the protocols of Parameter Store and Secrets Manager. */
const NAMES = ['contact-salt', 'webhook-token', 'crm', 'notifiers', ...KNOWN.map((name) => `sources/${name}`)];

let servers: { readonly parameters: ParameterServer; readonly secrets: SecretsServer };
let stores: Pick<Target, 'client' | 'secrets' | 'parameters'>;

beforeEach(async () => {
  servers = { parameters: await ParameterServer.start(), secrets: await SecretsServer.start() };
  const shared = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  stores = {
    client: demoClient(),
    parameters: new SSMClient({ ...shared, endpoint: servers.parameters.url }),
    secrets: new SecretsManagerClient({ ...shared, endpoint: servers.secrets.url }),
  };
});
afterEach(async () => {
  await servers.parameters.stop();
  await servers.secrets.stop();
});

const stored = (name: string): string | undefined => servers.parameters.store.lookUp(`/ezw/demo/${name}`)?.value;
const fields = (name: string): unknown => JSON.parse(stored(name) ?? '');
/** With a stack that reads what its client file names. */
const target = ({ client = stores.client, template }: { client?: Client; template?: object } = {}): Target => {
  const own = template ?? { Resources: {}, Metadata: { [READS]: readBy(client) } };
  return { ...stores, client, template: own } as unknown as Target;
};
const drop = (...names: readonly string[]) =>
  stores.parameters.send(new DeleteParametersCommand({ Names: names.map((name) => `/ezw/demo/${name}`) }));
const keptIn = (name: string, value: unknown): string =>
  servers.secrets.store.create(`ezw/demo/${name}`, typeof value === 'string' ? value : JSON.stringify(value));

/** The demo with fewer sources. */
const withSources = (sources: Readonly<Record<string, readonly string[]>>) => {
  const { templates, ...rest } = demoClient();
  const fewer = Object.entries(templates).flatMap(([name, settings]) => {
    const own = Object.entries(settings?.sources ?? {}).filter(([source]) => sources[name]?.includes(source));
    return sources[name] ? [[name, { ...settings, sources: Object.fromEntries(own) }]] : [];
  });
  return defineClient({ ...rest, templates: Object.fromEntries(fewer) } as Parameters<typeof defineClient>[0]);
};

describe('before a first deployment', () => {
  it('all that the functions read is made, encrypted, and last the note that there is a salt', async () => {
    expect(await prepare(stores)).toEqual({ made: NAMES, takenOver: [] });
    expect(NAMES.filter((name) => !['contact-salt'].includes(name)).map(stored)).toEqual([
      'not-set',
      'not-set',
      '{}',
      ...KNOWN.map(() => '{}'),
    ]);
    expect(stored('contact-salt')).toMatch(/^[0-9a-f]{64}$/);
    const types = NAMES.map((name) => servers.parameters.store.lookUp(`/ezw/demo/${name}`)?.type);
    expect(new Set(types)).toEqual(new Set(['SecureString']));
    expect(servers.parameters.store.lookUp('/ezw/demo/salt-made')).toMatchObject({
      type: 'String',
      value: fingerprint(stored('contact-salt') ?? ''),
    });
  });

  it('that fails on the way the next one makes the rest, and the salt no second time', async () => {
    const put = stores.parameters.send.bind(stores.parameters);
    let left = 3;
    stores.parameters.send = ((command: PutParameterCommand) => {
      if (!(command instanceof PutParameterCommand)) return put(command);
      left -= 1;
      return left < 0 ? Promise.reject(new Error('AWS is down')) : put(command);
    }) as never;
    await expect(prepare(stores)).rejects.toThrow('AWS is down');
    expect(stored('salt-made')).toBeUndefined();
    const salt = stored('contact-salt');
    stores.parameters.send = put;
    expect((await prepare(stores)).made).not.toContain('contact-salt');
    expect([stored('contact-salt'), stored('salt-made')]).toEqual([salt, fingerprint(salt ?? '')]);
  });
});

describe('before the next one', () => {
  it('of two who deploy at once one makes the salt, and the other is told', async () => {
    const send = stores.parameters.send.bind(stores.parameters);
    let looked = 0;
    let go = () => {};
    const bothLooked = new Promise<void>((resolve) => {
      go = resolve;
    });
    stores.parameters.send = (async (command: PutParameterCommand) => {
      if (command instanceof PutParameterCommand && command.input.Name?.endsWith('/contact-salt')) {
        looked += 1;
        if (looked === 2) go();
        await bothLooked;
      }
      return send(command);
    }) as never;
    const both = await Promise.allSettled([prepare(stores), prepare(stores)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const salt = stored('contact-salt');
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { message: expect.stringMatching(/^Somebody else deploys demo just now/) },
    });
    stores.parameters.send = send;
    await prepare(stores);
    expect(stored('contact-salt')).toBe(salt);
  });

  it('nothing is made twice and nothing that is stored changes', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'crm' }, 'the-key-of-the-crm');
    const salt = stored('contact-salt');
    expect(await prepare(stores)).toEqual({ made: [], takenOver: [] });
    expect([stored('contact-salt'), stored('crm')]).toEqual([salt, 'the-key-of-the-crm']);
  });

  it('a template that is new knows the secret of a source that another one has', async () => {
    const client = withSources({ 'order-ready': ['custom', 'shopify'] });
    await prepare({ ...stores, client });
    await writeEntry(target({ client }), { secret: 'sources', field: 'custom' }, 'ours');
    await prepare(stores);
    expect(fields('sources/lead-first-touch')).toEqual({ custom: 'ours' });
  });

  it('a source that was turned off finds its secret when it is turned on again', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'sources', field: 'shopify' }, 'of-shopify');
    await prepare({ ...stores, client: withSources({ 'order-ready': ['custom'] }) });
    await prepare(stores);
    expect(fields('sources/order-ready')).toMatchObject({ shopify: 'of-shopify' });
  });

  it('a template that was turned off and on again has the secret that the others went on with, and not its own of then', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'sources', field: 'custom' }, 'of-then');
    const client = withSources({ 'order-ready': ['custom'] });
    await prepare({ ...stores, client });
    // Until the deployment is over, the functions of before it run on.
    expect(fields('sources/lead-first-touch')).toMatchObject({ custom: 'of-then' });
    await tidy({ ...stores, client });
    expect([fields('sources/lead-first-touch'), fields('sources/order-ready')]).toEqual([{}, { custom: 'of-then' }]);
    await writeEntry(target({ client }), { secret: 'sources', field: 'custom' }, 'of-now');
    await prepare(stores);
    expect([fields('sources/lead-first-touch'), fields('sources/order-ready')]).toEqual([
      { custom: 'of-now' },
      { custom: 'of-now' },
    ]);
  });

  it('what was put aside is older than what a template that goes off has, also behind a deployment that failed', async () => {
    const both = withSources({ 'order-ready': ['custom', 'shopify'] });
    const one = withSources({ 'order-ready': ['shopify'] });
    const on = (client: Client) => ({ ...stores, client });
    const set = (value: string) => writeEntry(target({ client: both }), { secret: 'sources', field: 'custom' }, value);
    await prepare(on(both));
    await set('old');
    await prepare(on(one));
    await tidy(on(one));
    await prepare(on(both));
    await set('new');
    await prepare(on(one));
    await tidy(on(one));
    await prepare(on(both));
    expect(fields('sources/order-ready')).toEqual({ custom: 'new' });
  });

  it('of a stack that reads parameters nothing is taken from elsewhere, and no salt is made', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'crm' }, 'new');
    keptIn('crm', 'left-over');
    expect(await prepare(stores, true)).toEqual({ made: [], takenOver: [] });
    expect(stored('crm')).toBe('new');
    await drop('contact-salt', 'salt-made');
    await expect(prepare(stores, true)).rejects.toThrow(/contact-salt was made once and is gone/);
  });

  it('what is no JSON of a template that is off stops nobody, and is left as it is', async () => {
    await prepare(stores);
    const client = withSources({ 'order-ready': ['custom'] });
    servers.parameters.store.put('/ezw/demo/sources/lead-first-touch', 'x=1', 'SecureString', true, 'Standard');
    await prepare({ ...stores, client });
    await tidy({ ...stores, client });
    expect(stored('sources/lead-first-touch')).toBe('x=1');
  });

  it('a source that moves to another template takes its secret along, and what no template has is kept', async () => {
    const client = withSources({ 'order-ready': ['custom', 'shopify'] });
    await prepare({ ...stores, client });
    await writeEntry(target({ client }), { secret: 'sources', field: 'custom' }, 'ours');
    await writeEntry(target({ client }), { secret: 'sources', field: 'shopify' }, 'of-shopify');
    const next = withSources({ 'lead-first-touch': ['custom'] });
    await prepare({ ...stores, client: next });
    await tidy({ ...stores, client: next });
    expect(fields('sources/lead-first-touch')).toEqual({ custom: 'ours' });
    expect([fields('sources/order-ready'), fields('sources/unused')]).toEqual([{}, { shopify: 'of-shopify' }]);
    await prepare(stores);
    await tidy(stores);
    expect([fields('sources/order-ready'), fields('sources/unused')]).toEqual([
      { custom: 'ours', shopify: 'of-shopify' },
      {},
    ]);
  });

  it('what is no JSON is written over by nobody: the rest of it would be lost', async () => {
    await prepare(stores);
    servers.parameters.store.put('/ezw/demo/sources/order-ready', '{"custom":"x",}', 'SecureString', true, 'Standard');
    const refused = /What is stored in \/ezw\/demo\/sources\/order-ready is no JSON, so nothing was written over it/;
    await expect(prepare(stores)).rejects.toThrow(refused);
    await expect(writeEntry(target(), { secret: 'sources', field: 'custom' }, 'y')).rejects.toThrow(refused);
    expect(stored('sources/order-ready')).toBe('{"custom":"x",}');
    const crm = '{"byName":{"hubspot":{"token":"x"}},,';
    servers.parameters.store.put('/ezw/demo/crm', crm, 'SecureString', true, 'Standard');
    await expect(writeNamed(target(), 'webhook', 'y')).rejects.toThrow(/crm is no JSON/);
    await expect(readEntry(target(), { secret: 'crm' })).rejects.toThrow(/crm is no JSON/);
    expect(stored('crm')).toBe(crm);
  });

  it('a secret goes to the templates of the stack that stands, whatever the client file says by now', async () => {
    await prepare(stores);
    const client = withSources({ 'order-ready': ['shopify'], 'lead-first-touch': ['custom'] });
    const standing = target();
    await writeEntry({ ...standing, client }, { secret: 'sources', field: 'custom' }, 'new');
    for (const name of KNOWN) expect(fields(`sources/${name}`)).toEqual({ custom: 'new' });
  });

  it('another salt in the place of the one that was made is refused', async () => {
    await prepare(stores);
    servers.parameters.store.put('/ezw/demo/contact-salt', 'another-one', 'SecureString', true, 'Standard');
    await expect(prepare(stores)).rejects.toThrow(/contact-salt is not the salt that was made.*Put back the one/);
  });

  it('a salt that is gone is made anew for nobody: who said stop would be forgotten', async () => {
    await prepare(stores);
    await drop('contact-salt');
    await expect(prepare(stores)).rejects.toThrow(/contact-salt was made once and is gone.*Nothing was deployed/);
    expect(stored('contact-salt')).toBeUndefined();
    await drop('salt-made');
    expect((await prepare(stores)).made).toEqual(['contact-salt']);
  });
});

describe('of a client that runs from before values lay in Parameter Store', () => {
  const SALT = 'the-salt-of-all-the-rows';
  const SOURCES = { shopify: { current: 'a', previous: 'b' }, custom: 'c', form: 'd', gone: 'e' };

  beforeEach(() => {
    keptIn('contact-salt', SALT);
    keptIn('webhook-token', { current: 'x'.repeat(40), previous: 'y'.repeat(40) });
    keptIn('crm', 'the-key');
    keptIn('notifiers', { slack: 'https://hooks.example' });
    keptIn('sources', SOURCES);
  });

  it('everything is taken over, each template with its own sources', async () => {
    expect(await prepare(stores)).toEqual({ made: [], takenOver: [...NAMES, 'sources/unused'] });
    expect([stored('contact-salt'), stored('crm')]).toEqual([SALT, 'the-key']);
    expect(fields('webhook-token')).toMatchObject({ previous: 'y'.repeat(40) });
    expect(fields('sources/order-ready')).toEqual({ shopify: SOURCES.shopify, custom: 'c' });
    expect(fields('sources/lead-first-touch')).toEqual({ custom: 'c', form: 'd' });
    // Of no template now: kept for whoever turns it on.
    expect(fields('sources/unused')).toEqual({ gone: 'e' });
    expect(await oldSalt(stores)).toBe('ezw/demo/contact-salt');
  });

  it('what was changed there after a deployment that failed is taken over once more', async () => {
    await prepare(stores);
    const secret = servers.secrets.store.find('ezw/demo/crm');
    servers.secrets.store.put(secret, 'rotated-meanwhile');
    const sources = servers.secrets.store.find('ezw/demo/sources');
    servers.secrets.store.put(sources, JSON.stringify({ ...SOURCES, form: 'rotated' }));
    expect(await prepare(stores)).toEqual({ made: [], takenOver: ['crm', 'sources/lead-first-touch'] });
    expect(stored('crm')).toBe('rotated-meanwhile');
    expect(fields('sources/lead-first-touch')).toMatchObject({ form: 'rotated' });
  });

  it('a salt that another release made there later is not taken over, nor is what a deployment put there', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'crm' }, 'ours');
    for (const [name, value] of Object.entries({ 'contact-salt': 'another-one', crm: 'not-set' }))
      servers.secrets.store.put(servers.secrets.store.find(`ezw/demo/${name}`), value);
    expect(await prepare(stores)).toEqual({ made: [], takenOver: [] });
    expect([stored('contact-salt'), stored('crm')]).toEqual([SALT, 'ours']);
  });

  it('two salts of which nobody knows which is in use are refused', async () => {
    servers.parameters.store.put('/ezw/demo/contact-salt', 'another-one', 'SecureString', true, 'Standard');
    await expect(prepare(stores)).rejects.toThrow(/There are two salts/);
  });

  it('a salt that somebody marked for deletion ends it before anything is made, and does not once it is taken over', async () => {
    servers.secrets.store.find('ezw/demo/contact-salt').deletedAt = Date.now();
    await expect(prepare(stores)).rejects.toThrow(/contact-salt is marked for deletion.*restore-secret/);
    expect(NAMES.filter((name) => stored(name) !== undefined)).toEqual([]);
    servers.secrets.store.find('ezw/demo/contact-salt').deletedAt = undefined;
    await prepare(stores);
    servers.secrets.store.find('ezw/demo/contact-salt').deletedAt = Date.now();
    expect(await prepare(stores)).toEqual({ made: [], takenOver: [] });
    expect(await oldSalt(stores)).toBeUndefined();
  });
});

describe('a value that is stored', () => {
  it('is stored for no stack that does not read it: the next deployment would take over the old one', async () => {
    await prepare(stores);
    const before = target({ template: { Resources: {} } });
    const refused = /of a release that does not read what would be stored: run "npx ezw deploy demo" first/;
    await expect(writeEntry(before, { secret: 'crm' }, 'x')).rejects.toThrow(refused);
    await expect(writeEntry(before, { secret: 'sources', field: 'custom' }, 'x')).rejects.toThrow(refused);
    expect([stored('crm'), stored('sources/order-ready')]).toEqual(['not-set', '{}']);
  });

  it('of a source is stored for each template that has it, and for no other', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'sources', field: 'custom' }, 'ours');
    await writeEntry(target(), { secret: 'sources', field: 'form' }, 'of-the-form');
    expect(fields('sources/order-ready')).toEqual({ custom: 'ours' });
    expect(fields('sources/lead-first-touch')).toEqual({ custom: 'ours', form: 'of-the-form' });
    expect(await readEntry(target(), { secret: 'sources', field: 'form' })).toBe('of-the-form');
  });

  it('that one of two templates does not have, or has otherwise, is told by whom', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'sources', field: 'custom' }, 'ours');
    servers.parameters.store.put('/ezw/demo/sources/order-ready', '{"custom":"old"}', 'SecureString', true, 'Standard');
    const entries = await entriesOf(stores);
    expect(entries('custom')).toEqual(['ours', 'ours', 'old']);
    expect(entries('shopify')).toEqual([undefined]);
  });

  it('for several templates is stored for all or for none', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'sources', field: 'custom' }, 'before');
    const send = stores.parameters.send.bind(stores.parameters);
    let puts = 0;
    stores.parameters.send = ((command: PutParameterCommand) => {
      if (command instanceof PutParameterCommand && ++puts === 2) return Promise.reject(new Error('AWS is down'));
      return send(command);
    }) as never;
    await expect(writeEntry(target(), { secret: 'sources', field: 'custom' }, 'after')).rejects.toThrow('AWS is down');
    stores.parameters.send = send;
    expect((await entriesOf(stores))('custom')).toEqual(['before', 'before', 'before']);
  });

  it('for several templates is stored for none where one has no room for it', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'sources', field: 'woocommerce' }, 'x'.repeat(8_000));
    await expect(writeEntry(target(), { secret: 'sources', field: 'custom' }, 'y'.repeat(200))).rejects.toThrow(/8 kB/);
    expect((await entriesOf(stores))('custom')).toEqual([undefined, undefined, undefined]);
  });

  it('that nobody prepared is not stored where no function would read it', async () => {
    const refused = /is made by "npx ezw deploy demo"\. Nothing was stored/;
    await expect(writeEntry(target(), { secret: 'crm' }, 'x')).rejects.toThrow(refused);
    await expect(writeEntry(target(), { secret: 'sources', field: 'custom' }, 'x')).rejects.toThrow(refused);
    expect(await readSecret(target(), 'sources')).toBeUndefined();
  });

  it('that is too long says so', async () => {
    await prepare(stores);
    await expect(writeEntry(target(), { secret: 'crm' }, 'x'.repeat(8_193))).rejects.toThrow(
      /\/ezw\/demo\/crm would be longer than the 8 kB that Parameter Store takes/,
    );
  });

  it('of more than 4 kB is stored all the same', async () => {
    await prepare(stores);
    await writeEntry(target(), { secret: 'crm' }, 'x'.repeat(5_000));
    const found = await stores.parameters.send(
      new GetParameterCommand({ Name: '/ezw/demo/crm', WithDecryption: true }),
    );
    expect(found.Parameter?.Value).toHaveLength(5_000);
  });
});
