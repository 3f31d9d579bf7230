import { z } from 'zod';
import { source } from '../source.ts';

export const STATUSES = ['active', 'paused', 'disabled'] as const;
export const TOPIC = /^((order|product|customer|coupon)\.(created|updated|deleted|restored)|action\.\w+)$/;
/** https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php, `failed_delivery`. */
const MAX_FAILURES = 5;

export const hookFields = z.looseObject({
  name: z.string().default('Webhook'),
  status: z.enum(STATUSES).default('active'),
  topic: z.string().regex(TOPIC),
  delivery_url: z.string(),
  /** Of one that is made without it nobody is told it. */
  secret: z.string().default('a secret that only the shop knows'),
  /** `-1` is the legacy API. No call shows or changes it. */
  api_version: z.int().default(3),
  /** No call shows it, or sets it back: not even switching the webhook on again. */
  failure_count: z.int().default(0),
});

export type Hook = z.infer<typeof hookFields> & {
  readonly id: number;
  date_created_gmt: string;
  date_modified_gmt: string;
};

type Changes = Readonly<Partial<Record<string, unknown>>>;

/** What came of one delivery: the status, or 0 where nobody answered. */
interface Told {
  readonly id: number;
  readonly status: number;
}

const post = async (url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> => {
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' }).catch(() => undefined);
  return answer?.status ?? 0;
};

/** The shop's webhooks: they deliver, count what fails, and switch themselves off. */
export function createHookStore(now: () => number) {
  const stored = new Map<number, Hook>();
  let last = 0;
  const time = () => new Date(now()).toISOString().replace(/\.\d+Z$/, '');

  const ping = async ({ id, delivery_url: url }: Hook): Promise<void> => {
    await post(url, { 'content-type': 'application/x-www-form-urlencoded' }, `webhook_id=${id}`);
  };

  const deliver = async (hook: Hook, body: string): Promise<Told> => {
    const [, event] = hook.topic.split('.');
    // The legacy API has another body.
    const sent = hook.api_version === -1 ? `{"order":${body}}` : body;
    const { headers } = source.sign(sent, { current: hook.secret }, new Date(now()));
    const more = {
      'x-wc-webhook-source': 'https://shop.example/',
      'x-wc-webhook-topic': hook.topic,
      'x-wc-webhook-event': event ?? '',
      'x-wc-webhook-id': String(hook.id),
    };
    const status = await post(hook.delivery_url, { ...headers, ...more }, sent);
    if (status >= 200 && status < 303) hook.failure_count = 0;
    else if (hook.failure_count > MAX_FAILURES) hook.status = 'disabled';
    else hook.failure_count += 1;
    return { id: hook.id, status };
  };

  return {
    /** The newest first. */
    list: (): readonly Hook[] => [...stored.values()].reverse(),
    get: (id: number): Hook | undefined => stored.get(id),
    add(fields: Changes): Hook {
      last += 1;
      const made: Hook = { ...hookFields.parse(fields), id: last, date_created_gmt: time(), date_modified_gmt: time() };
      stored.set(made.id, made);
      return made;
    },
    ping,
    async change(hook: Hook, { name, status, topic, delivery_url, secret }: Changes): Promise<void> {
      const moved = delivery_url !== undefined && delivery_url !== hook.delivery_url;
      const given = Object.entries({ name, status, topic, delivery_url, secret }).filter(([, value]) => value);
      Object.assign(hook, Object.fromEntries(given), { date_modified_gmt: time() });
      if (moved && hook.status === 'active') await ping(hook);
    },
    remove: ({ id }: Hook): void => {
      stored.delete(id);
    },
    clear: (): void => stored.clear(),
    /** Something happened: every webhook of the topic that is on tells of it. */
    async tell(topic: string, body: string): Promise<readonly Told[]> {
      const on = [...stored.values()].filter((one) => one.topic === topic && one.status === 'active');
      const told: Told[] = [];
      for (const hook of on) told.push(await deliver(hook, body));
      return told;
    },
  };
}
