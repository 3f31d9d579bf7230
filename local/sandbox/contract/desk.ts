import { Hono } from 'hono';
import { z } from 'zod';
import { parseJson, refuse } from '../answers.ts';
import type { SandboxEnv } from '../env.ts';
import type { Contract } from './assumptions.ts';
import { describeContract, readContract } from './contract.ts';

const order = z.strictObject({
  contract: z.union([z.string(), z.record(z.string(), z.string())], 'must be a text, or variants by name'),
});

/** `/_sandbox/contract`: what EZWhatsApp does here, and another contract in its place. What is left out is as assumed. */
export function contractDesk(contract: () => Contract, change: (to: Contract) => void): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>();
  const shown = () => ({ contract: describeContract(contract()), variants: contract() });
  app.get('/', (c) => c.json(shown()));
  app.put('/', async (c) => {
    const parsed = parseJson(order, await c.req.text());
    if ('problem' in parsed) return refuse(c, 400, 'invalid_body', parsed.problem);
    const { contract: wanted } = parsed.value;
    const parts = (variants: Record<string, string>) => Object.entries(variants).map((one) => one.join('='));
    const read = readContract(typeof wanted === 'string' ? wanted : parts(wanted).join(','));
    if ('problem' in read) return refuse(c, 400, 'invalid_contract', read.problem);
    change(read);
    return c.json(shown());
  });
  return app;
}
