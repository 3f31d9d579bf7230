import { Hono } from 'hono';
import { z } from 'zod';
import { parseJson, refuse } from './answers.ts';
import type { CallLog } from './call-log.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultDesk } from './fault-desk.ts';
import { faultOrder } from './fault-schema.ts';
import { type Line, TROUBLES } from './line.ts';
import type { MessageStore } from './message-store.ts';
import type { Outbox } from './outbox.ts';

const lineSwitch = z.strictObject({
  sendable: z.boolean('must be true or false'),
  trouble: z.enum(TROUBLES).optional(),
});

interface ControlParts {
  line: Line;
  messages: MessageStore;
  outbox: Outbox;
  calls: CallLog;
  /** Of the stand-ins for other systems. */
  others: readonly CallLog[];
  faults: FaultDesk;
}

/** `/_sandbox`: look at what arrived, switch the line, let a day pass for the keys, inject faults. `?last=n` gives only the newest n. */
export function control({ line, messages, outbox, calls, others, faults }: ControlParts): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();

  app.get('/messages', (c) => c.json(newest(messages.list(), c.req.query('last'))));
  app.get('/requests', (c) => c.json(newest(calls.list(), c.req.query('last'))));
  app.delete('/messages', (c) => {
    messages.clear();
    outbox.clear();
    calls.clear();
    for (const other of others) other.clear();
    return c.body(null, 204);
  });

  app.delete('/keys', (c) => {
    messages.ageKeys();
    return c.body(null, 204);
  });

  app.get('/line', (c) => c.json({ lineId: line.id, sendable: line.sendable }));
  app.post('/line', async (c) => {
    const parsed = parseJson(lineSwitch, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { sendable, trouble = 'unlinked' } = parsed.value;
    Object.assign(line, { sendable, trouble });
    if (sendable) outbox.release();
    return c.json({ lineId: line.id, sendable: line.sendable });
  });

  app.get('/faults', (c) => c.json(faults.list()));
  app.post('/faults', async (c) => {
    const parsed = parseJson(faultOrder, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    return c.json(faults.inject(parsed.value), 201);
  });
  app.delete('/faults', async (c) => {
    await faults.clear();
    return c.body(null, 204);
  });

  return app;
}

function newest<T>(list: readonly T[], last: string | undefined): readonly T[] {
  const count = Number(last);
  return Number.isInteger(count) && count > 0 ? list.slice(-count) : list;
}
