import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { parseJson, refuse } from './answers.ts';
import { bearer } from './bearer.ts';
import type { CallLog } from './call-log.ts';
import { type Answer, answerToOther, answerToSame, wordedErrors } from './contract/answers.ts';
import type { Contract } from './contract/assumptions.ts';
import { refusalOf, unlinkedRefusal } from './contract/refusals.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultMiddleware } from './fault-effects.ts';
import { healthOf, type Line } from './line.ts';
import { mediaSend, type SendBody, textSend } from './message-schema.ts';
import type { MessageStore } from './message-store.ts';
import type { Outbox } from './outbox.ts';
import type { webhookSchema } from './webhook-schema.ts';
import type { Webhooks } from './webhooks.ts';

/** The part of the unseen limits that is known to be safe. */
const KEY = /^[A-Za-z0-9:_-]{1,64}$/;
const healthQuery = z.strictObject({
  wakeup: z.enum(['true', 'false']).optional(),
  channel_type: z.enum(['web', 'mobile']).optional(),
});

interface ApiParts {
  contract: () => Contract;
  /** Asked at each call: the workspace may rotate it. */
  lineTokens: () => readonly string[];
  line: Line;
  messages: MessageStore;
  outbox: Outbox;
  calls: CallLog;
  faults: FaultMiddleware;
  webhooks: Webhooks;
  webhookOrder: ReturnType<typeof webhookSchema>;
}

/** `/api/v1` as the vendor's contract has it. A fault comes before the token check, as a broken gateway would. */
export function api(parts: ApiParts): Hono<SandboxEnv> {
  const { contract, lineTokens, line, messages, outbox, calls, faults, webhooks, webhookOrder } = parts;
  const app = new Hono<SandboxEnv>();
  app.use(calls.record);
  app.use('/health', faults('health'));
  app.use('/messages/text', faults('text'));
  app.use('/messages/media', faults('media'));
  app.use('/webhooks', faults('webhooks'));
  app.use(wordedErrors(contract));
  app.use(bearer(lineTokens, contract));

  app.get('/health', (c) => {
    const query = healthQuery.safeParse(c.req.query());
    if (query.success) return c.json(healthOf(line), line.sendable || contract().health === '200' ? 200 : 503);
    return refuse(c, 400, 'invalid_query', 'the query takes wakeup=true|false and channel_type=web|mobile only');
  });
  app.post('/messages/text', (c) => accept(c, textSend));
  app.post('/messages/media', (c) => accept(c, mediaSend));
  app.post('/webhooks', (c) => {
    const parsed = parseJson(webhookOrder, c.get('bytes').toString('utf8'));
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    return c.json(webhooks.register(parsed.value), 201);
  });
  for (const path of ['/health', '/messages/text', '/messages/media', '/webhooks']) {
    app.all(path, (c) => refuse(c, 405, 'method_not_allowed', `${c.req.method} is not possible here`));
  }
  app.all('*', (c) => refuse(c, 404, 'not_found', 'no such endpoint in the sandbox'));
  return app;

  async function accept(c: Context<SandboxEnv>, schema: z.ZodType<SendBody>): Promise<Response> {
    const key = c.req.header('idempotency-key');
    if (key === undefined && contract()['no-key'] === '400') {
      return refuse(c, 400, 'idempotency_key_missing', 'send an Idempotency-Key header');
    }
    if (key !== undefined && !KEY.test(key)) {
      return refuse(c, 400, 'idempotency_key_invalid', 'Idempotency-Key takes 1 to 64 of A-Z a-z 0-9 : _ -');
    }
    if (!/^application\/json(;\s*charset=utf-8)?$/i.test(c.req.header('content-type') ?? '')) {
      return refuse(c, 415, 'content_type', 'send Content-Type: application/json');
    }
    const bytes = c.get('bytes');
    const parsed = parseJson(schema, bytes.toString('utf8'));
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);

    const { status, body } = await answerTo({
      key,
      path: c.req.path,
      bytes,
      body: parsed.value,
      headers: c.req.header(),
    });
    return c.json(body, status);
  }

  async function answerTo(send: Parameters<MessageStore['add']>[0]): Promise<Answer> {
    const refused = refusalOf(contract(), send.body);
    if (refused) return refused;
    const known = messages.replay(send);
    const again = known && (known.isSame ? answerToSame : answerToOther)(contract(), known.taken.answer);
    if (again) return again;
    const unlinked = line.sendable ? undefined : unlinkedRefusal(contract());
    if (unlinked) return unlinked;
    const taken = messages.add(send);
    await outbox.take(taken);
    return taken.answer;
  }
}
