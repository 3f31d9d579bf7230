import { setTimeout as sleep } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';
import { parsedJson } from '../json.ts';
import type { Connections } from './connections.ts';
import type { SandboxEnv } from './env.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { CallFault, FaultTarget } from './fault-schema.ts';

export type FaultMiddleware = (target: FaultTarget) => MiddlewareHandler<SandboxEnv>;

const HUGE_BYTES = 5 * 1024 * 1024;
const GARBAGE = '<!doctype html><html><body><h1>Something went sideways</h1></body></html>';

/** Strikes a call with the next planned fault. The call's bytes are read and recorded before. */
export function faultEffects(plan: FaultPlan, connections: Connections): FaultMiddleware {
  return (target) => async (c, next) => {
    const fault = plan.take(target);
    if (fault === undefined) return next();
    switch (fault.kind) {
      case 'slow':
        await sleep(fault.ms);
        return next();
      case 'status':
        if (fault.after) await next();
        c.res = statusAnswer(fault);
        return;
      case 'timeout':
        if (fault.after) await next();
        c.get('call').status = 'hung';
        c.res = await connections.hold(c, fault.seconds);
        return;
      case 'reset':
        if (fault.after) await next();
        c.get('call').status = 'dropped';
        c.res = connections.reset(c);
        return;
      case 'huge':
        await next();
        c.res = await padded(c.res);
        return;
      case 'garbage':
        await next();
        c.res = new Response(GARBAGE, { status: c.res.status, headers: { 'content-type': 'text/html' } });
        return;
    }
  };
}

function statusAnswer(fault: Extract<CallFault, { kind: 'status' }>): Response {
  const bodiless = [204, 205, 304].includes(fault.status);
  const body = fault.body ?? { error: { code: 'sandbox_fault', message: `injected status ${fault.status}` } };
  const headers = new Headers(fault.headers);
  if (!bodiless && !headers.has('content-type')) {
    headers.set('content-type', typeof body === 'string' ? 'text/plain' : 'application/json');
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(bodiless ? null : text, { status: fault.status, headers });
}

/** The honest answer, JSON if it was, with megabytes of ballast: only a cap on the size protects against it. */
async function padded(response: Response): Promise<Response> {
  const { status } = response;
  const [text, padding] = [await response.text(), 'x'.repeat(HUGE_BYTES)];
  const answer = parsedJson(text);
  if (answer === undefined) return new Response(text + padding, { status });
  return Response.json({ ...answer, padding }, { status });
}
