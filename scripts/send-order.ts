import { readFileSync } from 'node:fs';
import { call } from '../cli/terminal/call.ts';
import { Failed } from '../cli/terminal/errors.ts';
import { signStandardWebhook } from '../functions/shared/door/standard-webhooks.ts';
import { orExit } from './or-exit.ts';
import { orderArguments } from './order-arguments.ts';

// Sends one signed order to the local stack, as an ERP would.
const { id, url } = orExit(() => orderArguments(process.argv.slice(2), process.env));
const secrets: unknown = JSON.parse(readFileSync(new URL('../local/demo-secrets.json', import.meta.url), 'utf8'));
const { custom } = (secrets as { sources: { custom: string } }).sources;
const order = {
  type: 'order.ready_for_pickup',
  timestamp: new Date().toISOString(),
  data: {
    order_id: id,
    order_number: id,
    status_url: `https://shop.example/o/${encodeURIComponent(id)}`,
    customer: { name: 'Dana', phone: '+972501234567' },
  },
};
const { headers, body } = signStandardWebhook(JSON.stringify(order), { current: custom }, new Date());
try {
  const { ok, status, text } = await call(`${url}/order-ready/custom`, { method: 'POST', headers, body });
  console.log(status, text);
  if (!ok) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof Failed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
