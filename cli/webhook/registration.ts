import { apiOf } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { webhookOrder } from '../../functions/shared/ezwhatsapp/webhook-order.ts';
import { sha256 } from '../../functions/shared/runtime/hashes.ts';
import { http } from '../../functions/shared/runtime/http.ts';
import { jsonIn } from '../../functions/shared/runtime/json.ts';
import { Table } from '../../functions/shared/runtime/table.ts';
import { fieldsOf, readSecret } from '../secrets/store.ts';
import { commandOn } from '../target/command.ts';
import { storedLineToken } from '../target/line.ts';
import { tableOf } from '../target/named.ts';
import type { Target } from '../target/target.ts';
import { call } from '../terminal/call.ts';
import { Failed } from '../terminal/errors.ts';

/** What is remembered of a registration, for the vendor publishes no way to ask. */
export interface Registration {
  readonly registeredAt: string;
  /** First digits of the token's SHA-256: tells whether it is the stored token that was registered. */
  readonly token: string;
  readonly status: number;
}

const digest = (token: string): string => sha256(token).slice(0, 12);

/** The stored token, and while it rotates the one before it, which is taken too. @throws Failed when there is none */
export const webhookTokens = async (
  target: Target,
): Promise<{ readonly current: string; readonly previous: string | undefined }> => {
  const stored = await readSecret(target, 'webhook-token');
  const { current, previous } = fieldsOf(stored);
  const token = typeof current === 'string' ? current : (stored?.value.trim() ?? '');
  if (token.length >= 32) return { current: token, previous: typeof previous === 'string' ? previous : undefined };
  throw new Failed(`No webhook token is stored. Run "${commandOn(target, 'secrets rotate', 'webhook-token')}".`);
};

export const webhookToken = async (target: Target): Promise<string> => (await webhookTokens(target)).current;

const pkOf = ({ client }: Target): string => `registration#${client.lineId}`;

const rowsOf = (target: Target): Table<Registration> => new Table(tableOf(target, 'deliveries'), target.dynamodb);

export const registrationOf = (target: Target): Promise<Registration | undefined> => rowsOf(target).read(pkOf(target));

/** What is registered at the sandbox, however it was; the vendor publishes no way to ask. */
export const registeredAtSandbox = async ({
  sandboxUrl,
  url,
}: Target): Promise<readonly Pick<Registration, 'token'>[]> => {
  if (sandboxUrl === undefined) return [];
  const known = jsonIn((await call(`${url}/_sandbox/webhooks`)).text);
  return Array.isArray(known) ? known : [];
};

/** Whether what was registered last is the token that is stored now. */
export const isCurrent = (registration: Pick<Registration, 'token'> | undefined, token: string): boolean =>
  registration?.token === digest(token);

/** Once for each token, by hand: what the vendor does with a second one is not said. */
export const register = async (target: Target, token: string): Promise<Registration> => {
  const bearer = await storedLineToken(target);
  const result = await http({
    method: 'POST',
    url: `${apiOf(target.ezwUrl)}/webhooks`,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(webhookOrder(target.url, token)),
  });
  if (result.kind !== 'answer') {
    throw new Failed(`EZWhatsApp did not answer (${result.code}); it is not known whether the webhook is registered.`);
  }
  const { status } = result;
  if ([404, 405, 501].includes(status)) throw new Failed('Webhooks are not enabled for this account. Ask EZWhatsApp.');
  if (status < 200 || status > 299) throw new Failed(`EZWhatsApp refused the webhook with ${status}.`);
  const registration = { registeredAt: new Date().toISOString(), token: digest(token), status };
  await rowsOf(target).put({ pk: pkOf(target), ...registration });
  return registration;
};
