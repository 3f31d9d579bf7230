import { beforeEach, describe, expect, it } from 'vitest';
import { source } from '../../../functions/appointment-reminder/sources/calendly/source.ts';
import { clientFileSays, connecting, MODES, settingsOf } from '../connecting.ts';
import { sandboxOf } from '../demo.ts';

interface Hook {
  readonly uuid: string;
  readonly url: string;
  readonly state: string;
  readonly scope: string;
  readonly events: readonly string[];
  readonly signing_key?: string;
}

const at = connecting('appointment-reminder', 'calendly');

const API = 'https://api.calendly.com';
const also = (over: object) => settingsOf('appointment-reminder', 'calendly', over);
const hooks = () => at.desk<Hook[]>('GET', 'bookings/calendly/webhooks');
const put = (over: object) =>
  at.desk('PUT', 'bookings/calendly/webhooks', {
    uuid: 'theirs',
    url: at.address,
    events: ['invitee.created', 'invitee.canceled'],
    organization: `${API}/organizations/ORGANIZATION1`,
    user: `${API}/users/OWNER1`,
    creator: `${API}/users/OWNER1`,
    scope: 'user',
    state: 'active',
    ...over,
  });

describe.each(MODES)('Calendly, %s', (mode) => {
  const run = (args: readonly string[], token = 'a-token-of-nobody') => at.run(mode, ['source', ...args], token);
  const connect = (token?: string) => run(['connect', 'demo', 'calendly', '--yes'], token);
  const show = (token?: string) => run(['show', 'demo', 'calendly'], token);

  beforeEach(async () => {
    await at.desk('DELETE', 'bookings/calendly/webhooks');
    await at.store('demo-calendly-secret');
  });

  it('subscribes with a signing key of ours, without which nothing would be signed, once', async () => {
    expect((await connect()).code).toBe(0);
    const [hook, ...others] = await hooks();
    expect(others).toEqual([]);
    expect(hook).toMatchObject({ url: at.address, scope: 'user', events: ['invitee.created', 'invitee.canceled'] });
    const event = source.sign('{"event":"ping"}', { current: hook?.signing_key ?? '' }, new Date());
    expect((await fetch(at.address, { method: 'POST', ...event })).status).toBe(200);
    expect((await connect()).stdout).toContain('Nothing to do.');
    expect(await hooks()).toEqual([hook]);
  });

  if (mode !== 'local') return;

  it('makes anew what Calendly disabled after a day of failures, for it cannot be turned on again', async () => {
    await put({ state: 'disabled', scope: 'organization', user: undefined });
    const shown = await show();
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(
      /✗ invitee\.created, invitee\.canceled: it is off \(disabled, of the organization, deliveries failed on /,
    );
    expect((await connect()).code).toBe(0);
    // As wide as it was, although its token's user would do.
    expect(await hooks()).toMatchObject([
      { state: 'active', scope: 'organization', signing_key: 'demo-calendly-secret' },
    ]);
    expect(await hooks()).toHaveLength(1);
  });

  it('finds those on later pages, of the user and of the organization, and leaves one', async () => {
    for (const i of [1, 2, 3]) await put({ uuid: `other-${i}`, url: `https://other-${i}.example/` });
    await put({ uuid: 'of-user' });
    await put({ uuid: 'of-all', scope: 'organization', user: undefined });
    expect((await connect()).code).toBe(0);
    const left = await hooks();
    expect(left.map(({ uuid }) => uuid)).toEqual(['other-1', 'other-2', 'other-3', expect.stringMatching(/^hook-/)]);
    expect(left.at(-1)).toMatchObject({ scope: 'organization' });
  });

  it('does not narrow or widen by itself: the scope of the client file is what counts', async () => {
    await put({});
    also({ scope: 'organization' });
    expect((await show()).stdout).toMatch(/it is of the user, and the client file says organization/);
    expect((await connect()).code).toBe(0);
    expect(await hooks()).toMatchObject([{ scope: 'organization' }]);
  });

  it('a member’s token may not subscribe for the organization, and the message says who may', async () => {
    also({ scope: 'organization' });
    const { code, stderr } = await connect('token-of-a-member');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/ezw: Calendly answered 403: .*owners and admins may/),
    });
    clientFileSays();
    expect((await connect('token-of-a-member')).code).toBe(0);
  });

  it('a plan without webhooks is told with Calendly’s own words, and so is that the one before it is gone', async () => {
    const { code, stderr } = await connect('token-on-the-free-plan');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('Please upgrade your Calendly account to Standard'),
    });
    await put({ state: 'disabled' });
    expect((await connect('token-on-the-free-plan')).stderr).toMatch(
      /The one before it is removed: no event comes until/,
    );
    expect(await hooks()).toEqual([]);
  });

  it('a passing fault between removing and making does not leave the client without one', async () => {
    await put({ state: 'disabled' });
    // Who it is, two lists, who it is, and the removal come first.
    await sandboxOf(at.stack).fault('calendly', { kind: 'slow', ms: 1 }, 5);
    await sandboxOf(at.stack).fault('calendly', { kind: 'status', status: 503 });
    expect((await connect()).code).toBe(0);
    expect(await hooks()).toMatchObject([{ state: 'active' }]);
    // The answer is lost after it was made: the second try finds it there.
    await at.desk('DELETE', 'bookings/calendly/webhooks');
    await sandboxOf(at.stack).fault('calendly', { kind: 'slow', ms: 1 }, 4);
    await sandboxOf(at.stack).fault('calendly', { kind: 'reset', after: true });
    expect((await connect()).code).toBe(0);
    expect(await hooks()).toHaveLength(1);
  });

  it('a subscription of a user who is not the origin is told, and a token of such a one is wrong input', async () => {
    await put({});
    also({ origin: `${API}/users/SOMEBODY` });
    const { code, stdout } = await show();
    expect(code).toBe(1);
    expect(stdout).toMatch(/OWNER1 subscribed it, who is not the origin of the client file: its events are set aside/);
    const refused = await connect();
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/This token is of the user OWNER1, and "origin" .* names SOMEBODY/),
    });
    expect(await hooks()).toMatchObject([{ uuid: 'theirs' }]);
  });

  it('a token that was revoked is one line, and doctor tells it of the one that is stored', async () => {
    expect(await show('token-that-was-revoked')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ezw: Calendly answered 401/),
    });
    await at.store({ current: 'demo-calendly-secret', token: 'token-that-was-revoked' });
    const { stdout } = await at.run(mode, ['doctor', 'demo', '--json'], '');
    expect(JSON.parse(stdout).findings).toContainEqual({
      check: 'source-connections',
      level: 'bad',
      about: 'calendly at Calendly',
      found: expect.stringContaining('401'),
      // What goes out by mail holds no words of the vendor's.
      told: 'Calendly refused what was asked (401)',
      todo: expect.stringContaining('npx ezw source connect demo calendly'),
    });
  });
});
