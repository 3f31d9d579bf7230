import { readFileSync } from 'node:fs';
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
  const response = await fetch(`${url}/order-ready/custom`, { method: 'POST', headers, body });
  console.log(response.status, await response.text());
  if (!response.ok) process.exitCode = 1;
} catch {
  console.error(`Nothing answers at ${url}. Run "npm start" first and wait for "Ready".`);
  process.exitCode = 1;
}
