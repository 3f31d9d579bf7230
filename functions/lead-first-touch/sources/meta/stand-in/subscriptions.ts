import type { Context } from 'hono';
import { z } from 'zod';
import type { SandboxEnv } from '../../../../../local/sandbox/env.ts';
import { source } from '../source.ts';
import { graphError } from './errors.ts';

/** The one app that there is; `id|secret` is its token. */
export const appFields = z.strictObject({
  id: z.string().default('700000000000001'),
  secret: z.string().default('demo-meta-secret'),
  /** Of the object `page`. One app has one address for all its pages. */
  callback: z
    .strictObject({ url: z.string(), fields: z.array(z.string()), active: z.boolean().default(true) })
    .optional(),
  /** Asks as if our address were another's: its first question is not answered as it must be. */
  isMistaken: z.boolean().default(false),
});

const access = z.looseObject({
  can_access_lead: z.boolean().default(true),
  app_has_leads_permission: z.boolean().default(true),
  enabled_lead_access_manager: z.boolean().default(false),
  failure_reason: z.string().optional(),
  failure_resolution: z.string().optional(),
});

/** A page whose token the app has; `fields` are those by which it is subscribed, none where it is not. */
export const pageFields = z.strictObject({
  id: z.string().regex(/^\d+$/),
  name: z.string().default('A page'),
  token: z.string(),
  /** Of the app that made the token, where that is another. */
  appId: z.string().optional(),
  fields: z.array(z.string()).optional(),
  /** Epoch seconds; 0 is never. */
  expiresAt: z.int().default(0),
  dataAccessExpiresAt: z.int().default(0),
  scopes: z
    .array(z.string())
    .default([
      'pages_show_list',
      'pages_read_engagement',
      'pages_manage_metadata',
      'leads_retrieval',
      'ads_management',
    ]),
  leadAccess: access.prefault({}),
});

type App = z.infer<typeof appFields>;
type Page = z.infer<typeof pageFields>;
type Ctx = Context<SandboxEnv>;

/** Of a system user of the business, who was given every page. */
const SYSTEM_USER = 'demo-system-user-token';
const DEMO_PAGE = { id: '104512345678901', name: 'Demo page', token: 'demo-page-token' };

/** What the page and the app are subscribed to, and the tokens that may say so. */
export function createSubscriptions(now: () => number) {
  let app: App = appFields.parse({});
  const pages = new Map<string, Page>();
  const reset = (): void => {
    app = appFields.parse({});
    pages.clear();
    pages.set(DEMO_PAGE.id, pageFields.parse(DEMO_PAGE));
  };
  reset();

  const tokenOf = (c: Ctx): string =>
    /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? c.req.query('access_token') ?? '';
  const isOver = ({ expiresAt }: Page): boolean => expiresAt !== 0 && expiresAt * 1000 <= now();
  const isApps = (c: Ctx): boolean => tokenOf(c) === `${app.id}|${app.secret}`;

  const invalid = (c: Ctx): Response =>
    graphError(c, 400, 190, 'Invalid OAuth access token - Cannot parse access token');
  /** The page whose token this is, or what Graph says of the token. */
  const holder = (c: Ctx): Page | Response => {
    const page = [...pages.values()].find(({ token }) => token === tokenOf(c));
    if (!page) return invalid(c);
    if (!isOver(page)) return page;
    const over = 'Error validating access token: Session has expired';
    return graphError(c, 400, 190, over, { error_subcode: 463 });
  };
  const nonexistent = (c: Ctx, id: string): Response => {
    const says = `Unsupported ${c.req.method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`;
    return graphError(c, 400, 100, says, { error_subcode: 33 });
  };
  /** Fields of a form or of the address, as both are taken. */
  const asked = (c: Ctx): URLSearchParams => {
    const all = new URLSearchParams(c.get('bytes').toString('utf8'));
    for (const [name, value] of Object.entries(c.req.query())) all.set(name, value);
    return all;
  };
  const listIn = (text: string | null): string[] => (text ?? '').split(',').flatMap((one) => one.trim() || []);

  /** Graph asks the address at once, and takes it only if it answers with the challenge. */
  const isVerified = async (url: string, token: string): Promise<string | undefined> => {
    const challenge = String(Math.floor(Math.random() * 1e9));
    const query = new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.challenge': challenge,
      'hub.verify_token': token,
    });
    const answer = await fetch(`${url}${app.isMistaken ? '-of-another' : ''}?${query}`, { redirect: 'manual' }).catch(
      () => undefined,
    );
    if (answer?.status === 200 && (await answer.text()) === challenge) return undefined;
    const what = answer ? `HTTP Status Code = ${answer.status}` : 'no answer';
    return `(#2200) Callback verification failed with the following errors: ${what}; HTTP Message = ${answer?.statusText ?? ''}`;
  };

  return {
    reset,
    putApp: (given: App): void => {
      app = given;
    },
    putPage: (given: Page): void => {
      pages.set(given.id, given);
    },
    state: () => ({ app: app.callback, pages: [...pages.values()].map(({ id, fields }) => ({ id, fields })) }),
    isPage: (id: string): boolean => pages.has(id),

    /** https://developers.facebook.com/docs/graph-api/reference/has-lead-access */
    page(c: Ctx, id: string): Response {
      const wanted = c.req.query('fields') ?? '';
      if (tokenOf(c) === SYSTEM_USER && wanted === 'access_token')
        return c.json({ id, access_token: pages.get(id)?.token });
      const page = holder(c);
      if (page instanceof Response) return page;
      if (page.id !== id) return nonexistent(c, id);
      return c.json({
        id,
        name: page.name,
        ...(wanted.includes('has_lead_access') && { has_lead_access: page.leadAccess }),
      });
    },

    me(c: Ctx): Response {
      const page = holder(c);
      return page instanceof Response ? page : c.json({ id: page.id, name: page.name });
    },

    /** https://developers.facebook.com/docs/graph-api/reference/debug_token */
    debugToken(c: Ctx): Response {
      if (!isApps(c)) return invalid(c);
      const input = c.req.query('input_token');
      const page = [...pages.values()].find(({ token }) => token === input);
      if (input === SYSTEM_USER) {
        const { scopes } = pageFields.parse(DEMO_PAGE);
        return c.json({ data: { app_id: app.id, type: 'SYSTEM_USER', is_valid: true, expires_at: 0, scopes } });
      }
      if (!page) {
        const error = { code: 190, message: 'Malformed access token' };
        return c.json({ data: { error, is_valid: false, scopes: [] } });
      }
      const { id: profile_id, expiresAt: expires_at, dataAccessExpiresAt: data_access_expires_at, scopes } = page;
      const data = { app_id: page.appId ?? app.id, type: 'PAGE', is_valid: !isOver(page), profile_id, scopes };
      return c.json({ data: { ...data, expires_at, data_access_expires_at } });
    },

    /** https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps */
    ofPage(c: Ctx, id: string): Response {
      const page = holder(c);
      if (page instanceof Response) return page;
      if (page.id !== id) return nonexistent(c, id);
      if (!page.scopes.includes('pages_manage_metadata')) {
        const says = '(#200) Requires pages_manage_metadata permission to manage the object';
        return graphError(c, 403, 200, says);
      }
      if (c.req.method === 'GET') {
        const data = page.fields ? [{ id: app.id, name: 'Demo app', subscribed_fields: page.fields }] : [];
        return c.json({ data });
      }
      if (c.req.method === 'DELETE') {
        page.fields = undefined;
        return c.json({ success: true });
      }
      const fields = listIn(asked(c).get('subscribed_fields'));
      if (fields.length === 0) return graphError(c, 400, 100, '(#100) The parameter subscribed_fields is required');
      page.fields = fields;
      return c.json({ success: true });
    },

    /** https://developers.facebook.com/docs/graph-api/reference/app/subscriptions */
    async ofApp(c: Ctx, id: string): Promise<Response> {
      if (!isApps(c)) {
        return id === app.id
          ? graphError(c, 400, 15, '(#15) This method must be called with an app access_token.')
          : invalid(c);
      }
      if (id !== app.id) return nonexistent(c, id);
      const { callback } = app;
      if (c.req.method === 'GET') {
        const fields = callback?.fields.map((name) => ({ name, version: 'v24.0' }));
        return c.json({
          data: callback ? [{ object: 'page', callback_url: callback.url, active: callback.active, fields }] : [],
        });
      }
      const given = asked(c);
      if (given.get('object') !== 'page') return graphError(c, 400, 100, '(#100) Param object must be one of {page}');
      const fields = listIn(given.get('fields'));
      if (c.req.method === 'DELETE') {
        const rest = fields.length === 0 ? [] : (callback?.fields ?? []).filter((one) => !fields.includes(one));
        app = { ...app, callback: callback && rest.length > 0 ? { ...callback, fields: rest } : undefined };
        return c.json({ success: true });
      }
      const [url, token] = [given.get('callback_url') ?? '', given.get('verify_token') ?? ''];
      const problem = await isVerified(url, token);
      if (problem !== undefined) return graphError(c, 400, 2200, problem);
      app = { ...app, callback: { url, fields, active: true } };
      return c.json({ success: true });
    },

    /** Told only where both sides are subscribed; in silence not. */
    async tell(id: string, leadgen: string): Promise<{ readonly status: number } | { readonly told: false }> {
      const { callback } = app;
      const wants = (fields: readonly string[] | undefined) => fields?.includes('leadgen') === true;
      if (!callback?.active || !wants(callback.fields) || !wants(pages.get(id)?.fields)) return { told: false };
      const seconds = Math.floor(now() / 1000);
      const value = { created_time: seconds, leadgen_id: leadgen, page_id: id, form_id: '1616801872291123' };
      const entry = [{ id, time: seconds, changes: [{ field: 'leadgen', value }] }];
      const { headers, body } = source.sign(
        JSON.stringify({ object: 'page', entry }),
        { current: app.secret },
        new Date(now()),
      );
      const answer = await fetch(callback.url, { method: 'POST', headers, body }).catch(() => undefined);
      return { status: answer?.status ?? 0 };
    },
  };
}
