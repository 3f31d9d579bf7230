import * as z from 'zod/mini';
import { signStandardWebhook } from '../../../shared/door/standard-webhooks.ts';
import { outsideUrl } from '../../../shared/runtime/address-schema.ts';
import { Permanent, Unavailable } from '../../../shared/runtime/errors.ts';
import { sha256 } from '../../../shared/runtime/hashes.ts';
import { settled } from '../../api.ts';
import type { Crm, CrmContact, CrmEntry } from '../../crm.ts';
import { secretText } from '../../crm-secret.ts';

/** Other ids under which somebody may have been told of, before their number was known. */
const otherIds = ({ key, also = [] }: CrmContact): readonly string[] => also.filter((one) => one !== key);

const contactOf = (contact: CrmContact) => {
  const also = otherIds(contact);
  const { key, phone, name } = contact;
  return { id: key, phone, name, ...(also.length > 0 && { also }) };
};

const messageOf = (entry: CrmEntry) => ({
  id: entry.key,
  conversation_id: entry.conversationId,
  phone: entry.phone,
  number_hidden: entry.hidden,
  direction: entry.direction,
  type: entry.type,
  changed: entry.changed,
  delivery_id: entry.delivery,
  at: entry.at,
  text: entry.text,
  from: entry.from,
  answers: entry.answers,
  url: entry.link,
});

const settings = z.strictObject({ url: outsideUrl });

/**
 * The client's own system: events signed by Standard Webhooks. `webhook-id` is the event's own id and stays the same when it is
 * sent again, so that the receiver can keep each once. Redirects and addresses in private networks are refused.
 */
export const crm: Crm<typeof settings> = {
  settings,
  example: { url: 'https://crm.agency.example/ezwhatsapp' },
  statuses: true,
  connect(settings, secret, { http, now }) {
    const send = async (id: string, type: string, timestamp: string, data: object): Promise<void> => {
      const body = JSON.stringify({ type, timestamp, data });
      const signed = signStandardWebhook(body, { current: secretText(secret, 'current') }, new Date(now()), id);
      const { headers } = signed;
      const result = await http({ method: 'POST', url: settings.url, headers, body, publicOnly: true });
      const { status } = settled(result, now(), { expect: [404, 410] });
      // There is no contact that could be gone: the address is not served for now, or never again.
      if (status === 404) throw new Unavailable('sink_404', 'Nothing is served at this address.');
      if (status === 410) throw new Permanent('sink_410', 'The receiver says that it is gone for good.');
    };
    return {
      // The contact travels in each event, and its key – a phone – stays out of our table.
      contactId: async () => 'in-each-event',
      // They are one from now on, whatever the receiver keeps of either.
      async learnPhone(id, contact) {
        const event = `merged:${sha256([contact.key, ...otherIds(contact)].join('\n')).slice(0, 32)}`;
        const timestamp = new Date(now()).toISOString();
        await send(event, 'contact.merged', timestamp, { contact: contactOf(contact), merged: otherIds(contact) });
        return id;
      },
      addEntry: (_, contact, entry) =>
        send(
          `${entry.answers ? 'form' : 'message'}:${entry.key}`,
          entry.answers ? 'form.submitted' : `message.${entry.direction}`,
          entry.at,
          { contact: contactOf(contact), message: messageOf(entry) },
        ),
      // One message may have to tell both, when another word overtook it: each is an event of its own.
      setOptOut: (_, contact, optedOut, entry) =>
        send(
          `opt-${optedOut ? 'out' : 'in'}:${entry.key}`,
          optedOut ? 'contact.opted_out' : 'contact.opted_in',
          entry.at,
          {
            contact: { ...contactOf(contact), opted_out: optedOut },
            delivery_id: entry.delivery,
          },
        ),
      onStatus: (key, messageId, status, at) =>
        send(`status:${key}:${status}`, 'message.status', at, {
          message: { id: key, provider_id: messageId, status, at },
        }),
    };
  },
};
