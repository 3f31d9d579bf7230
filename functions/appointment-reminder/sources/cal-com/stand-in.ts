import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { keeping, parseJson } from '../../../../local/sandbox/answers.ts';
import type { SandboxEnv } from '../../../../local/sandbox/env.ts';
import type { SourceStandIn } from '../../../../local/sandbox/source.ts';
import { source } from './source.ts';

/** Whose key it is: a user, who may be an admin of the organization. */
const USERS: Readonly<Record<string, { readonly id: number; readonly administers?: number }>> = {
  cal_live_demo: { id: 5, administers: 77 },
  cal_live_other: { id: 6 },
};
const MAX_TAKE = 250;

const TRIGGERS = [
  'BOOKING_CREATED',
  'BOOKING_RESCHEDULED',
  'BOOKING_CANCELLED',
  'BOOKING_REQUESTED',
  'BOOKING_REJECTED',
  'BOOKING_PAID',
  'BOOKING_NO_SHOW_UPDATED',
  'MEETING_STARTED',
  'MEETING_ENDED',
  'FORM_SUBMITTED',
] as const;

/** https://cal.com/docs/api-reference/v2/webhooks/create-a-webhook */
const created = z.object({
  subscriberUrl: z.string(),
  triggers: z.array(z.enum(TRIGGERS)),
  active: z.boolean(),
  secret: z.string().nullish(),
  payloadTemplate: z.string().nullish(),
  version: z.enum(['2021-10-20']).default('2021-10-20'),
});
const changed = created.partial();

/** As the desk puts one: of a user unless it is of an organization. */
const put = created.extend({ userId: z.int().optional(), organizationId: z.int().optional() });

type Webhook = z.infer<typeof put> & { readonly id: string };

/** Who owns the webhooks of a call: the user of the key, or the organization of the address. */
type Owner = Pick<Webhook, 'userId'> | Pick<Webhook, 'organizationId'>;

/** A booking that happened, for the desk: every webhook that is on for it is told. */
const happening = z.strictObject({ trigger: z.enum(TRIGGERS), payload: z.looseObject({}) });

/** Cal.com's webhooks by its API v2, and the desk where they are put and where bookings happen. */
export const standIn: SourceStandIn = {
  make(now) {
    const stored = new Map<string, Webhook>();
    const api = new Hono<SandboxEnv>();

    const ownerOf = (c: Context<SandboxEnv>): Owner | Response => {
      const user = USERS[/^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? ''];
      if (!user) return refused(c, 401, 'UnauthorizedException', 'Invalid API Key');
      const organization = c.req.param('organization');
      if (organization === undefined) return { userId: user.id };
      if (user.administers === Number(organization)) return { organizationId: user.administers };
      const says = `User is not an admin of the organization ${organization}`;
      return refused(c, 403, 'ForbiddenException', says);
    };
    const isOf = (owner: Owner, one: Webhook): boolean =>
      'userId' in owner ? one.userId === owner.userId : one.organizationId === (owner as Webhook).organizationId;
    const success = (c: Context, data: object, status: 200 | 201 = 200): Response =>
      c.json({ status: 'success', data }, status);
    const found = (c: Context<SandboxEnv>, owner: Owner): Webhook | Response => {
      const one = stored.get(c.req.param('id') ?? '');
      if (!one) return refused(c, 404, 'NotFoundException', `Webhook (${c.req.param('id')}) not found`);
      return isOf(owner, one) ? one : refused(c, 403, 'ForbiddenException', 'Forbidden resource');
    };

    for (const at of ['/v2/webhooks', '/v2/organizations/:organization{\\d+}/webhooks']) {
      api.get(at, (c) => {
        const owner = ownerOf(c);
        if (owner instanceof Response) return owner;
        const [take, skip] = [Number(c.req.query('take') ?? MAX_TAKE), Number(c.req.query('skip') ?? 0)];
        if (!(take >= 1 && take <= MAX_TAKE)) {
          return refused(c, 400, 'BadRequestException', `take must not be greater than ${MAX_TAKE}`);
        }
        const all = [...stored.values()].filter((one) => isOf(owner, one));
        return success(c, all.slice(skip, skip + take));
      });
      api.post(at, (c) => {
        const owner = ownerOf(c);
        if (owner instanceof Response) return owner;
        const parsed = parseJson(created, c.get('bytes').toString('utf8'));
        if ('problem' in parsed) return refused(c, 400, 'BadRequestException', parsed.problem);
        const { subscriberUrl: url } = parsed.value;
        if ([...stored.values()].some((one) => isOf(owner, one) && one.subscriberUrl === url)) {
          const says = 'Webhook with this subscriber url already exists for this user';
          return refused(c, 409, 'ConflictException', says);
        }
        const made: Webhook = { ...parsed.value, ...owner, id: randomUUID() };
        stored.set(made.id, made);
        return success(c, made, 201);
      });
      api.patch(`${at}/:id`, (c) => {
        const owner = ownerOf(c);
        if (owner instanceof Response) return owner;
        const one = found(c, owner);
        if (one instanceof Response) return one;
        const parsed = parseJson(changed, c.get('bytes').toString('utf8'));
        if ('problem' in parsed) return refused(c, 400, 'BadRequestException', parsed.problem);
        const said = Object.fromEntries(Object.entries(parsed.value).filter(([name]) => name in bodyOf(c)));
        const next = { ...one, ...said };
        stored.set(one.id, next);
        return success(c, next);
      });
      api.delete(`${at}/:id`, (c) => {
        const owner = ownerOf(c);
        if (owner instanceof Response) return owner;
        const one = found(c, owner);
        if (one instanceof Response) return one;
        stored.delete(one.id);
        return success(c, one);
      });
    }
    api.all('/v1/*', (c) => c.json({ message: 'API v1 has been decommissioned' }, 410));
    api.all('*', (c) => refused(c, 404, 'NotFoundException', `Cannot ${c.req.method} ${c.req.path}`));

    const control = new Hono<SandboxEnv>();
    control.get('/webhooks', (c) => c.json([...stored.values()]));
    control.put(
      '/webhooks',
      keeping(put, (one) => {
        const id = randomUUID();
        stored.set(id, { ...(one.organizationId === undefined && { userId: 5 }), ...one, id });
      }),
    );
    control.delete('/webhooks', (c) => {
      stored.clear();
      return c.body(null, 204);
    });
    control.post('/happens', async (c) => {
      const parsed = parseJson(happening, await c.req.text());
      if ('problem' in parsed) return c.json({ problem: parsed.problem }, 400);
      const { trigger, payload } = parsed.value;
      const on = [...stored.values()].filter(({ active, triggers }) => active && triggers.includes(trigger));
      const at = new Date(now());
      return c.json(await Promise.all(on.map((one) => tell(one, at, trigger, payload))));
    });

    return { api, control };
  },
};

/** Cal.com never repeats one that failed, and switches nothing off. */
async function tell(hook: Webhook, at: Date, triggerEvent: string, payload: object) {
  const whole = JSON.stringify({ triggerEvent, createdAt: at.toISOString(), payload });
  // A template replaces everything.
  const body = hook.payloadTemplate || whole;
  const { headers } = source.sign(body, { current: hook.secret ?? '' }, at);
  const signature = hook.secret ? {} : { 'x-cal-signature-256': 'no-secret-provided' };
  const answer = await fetch(hook.subscriberUrl, {
    method: 'POST',
    headers: { ...headers, ...signature, 'x-cal-webhook-version': hook.version },
    body,
    redirect: 'manual',
  }).catch(() => undefined);
  return { id: hook.id, status: answer?.status ?? 0 };
}

function bodyOf(c: Context<SandboxEnv>): object {
  return Object(JSON.parse(c.get('bytes').toString('utf8')));
}

function refused(c: Context, status: 400 | 401 | 403 | 404 | 409, code: string, message: string): Response {
  const details = { message, error: code.replace('Exception', ''), statusCode: status };
  return c.json({ status: 'error', path: c.req.path, error: { code, message, details } }, status);
}
