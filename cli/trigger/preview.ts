import { elsewhere, originOf } from '../../functions/shared/door/origin.ts';
import type { SignedRequest } from '../../functions/shared/door/source.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';
import {
  isOldNews,
  OLD_NEWS,
  type OwnSettings,
  owned,
  ownId,
  type SourceEvent,
} from '../../functions/shared/door/whose.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { asUtf8, isForm } from '../../functions/shared/runtime/charset.ts';
import type { Client } from '../../lib/client.ts';
import { slices } from '../../lib/client.ts';
import type { AnySource, AnyTemplate } from '../target/registry.ts';

/** What will become of an event by this client's settings, as far as it can be known beforehand. */
export interface Preview {
  readonly sends: readonly PlannedSend[];
  /** Some of it is at the vendor, and must be asked for there. */
  readonly isLookedUp: boolean;
  /** An id as it stands in this source's keys. */
  readonly ownId: (id: string) => string;
}

/** What a template's function learns of the client, and of one of its sources. */
export const settingsIn = (client: Client, template: string, source: string) => {
  const config = slices(client)[template] as { readonly sources: Readonly<Record<string, OwnSettings>> };
  return { config, settings: config.sources[source] ?? {} };
};

/** What is of another shop becomes none. @throws Invalid, as the door would refuse it */
export const previewOf = (
  client: Client,
  { name, template }: { readonly name: string; readonly template: AnyTemplate },
  { name: sourceName, source }: { readonly name: string; readonly source: AnySource },
  { headers, body }: SignedRequest,
  now: number,
): Preview => {
  const bytes = Buffer.from(body);
  const type = headers['content-type'];
  const raw = isForm(type) ? bytes : asUtf8(bytes, type);
  const { config, settings } = settingsIn(client, name, sourceName);
  const request = { method: 'POST', headers, query: {}, raw, receivedAt: now };
  const isOwn = (said: string | undefined) => elsewhere(source.origin, settings, said) === undefined;
  const items = isOwn(originOf(source.origin, request))
    ? source.parse(request, settings).filter((item) => !('origin' in item) || isOwn(item.origin))
    : [];
  const sends = items.flatMap((item): readonly PlannedSend[] => {
    if (!('event' in item)) return [];
    const event = item.event as SourceEvent;
    if (source.isOurs) template.assertMeant?.(event, config);
    const times = template.times(event);
    const isOld = isOldNews(times.happened, settings);
    const own = owned(event, sourceName, settings, isOld ? { ...times, began: undefined } : times);
    const planned = template.sends(own, config, now);
    if (!isOld) return planned;
    return planned.map(({ command }) => ({ at: now, command: { ...command, outcome: OLD_NEWS } }));
  });
  return {
    sends: sends.map(asSent),
    isLookedUp: items.some((item) => 'reference' in item),
    ownId: (id) => ownId(id, new Date(now).toISOString(), settings),
  };
};

/** What would come too late the sender lets expire, whatever the template made of it. */
const asSent = (planned: PlannedSend): PlannedSend => {
  const { at, command } = planned;
  if (!isRequest(command.outcome) || at <= Date.parse(command.usefulUntil)) return planned;
  return { at, command: { ...command, outcome: { state: 'EXPIRED', reason: 'useful_until_passed' } } };
};
