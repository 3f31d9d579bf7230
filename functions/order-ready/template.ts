import type { Template } from '../shared/door/template.ts';
import { orderReadySchema } from './config.ts';
import type { Event } from './schema.ts';
import * as sources from './sources.ts';
import { times } from './times.ts';
import { assertTold, updatesOn } from './updates.ts';
import { messagesOf } from './workflow.ts';

/** Texts of the usual steps beside ready. */
const OFFERED = {
  en: {
    confirmed: { body: 'Hi {name}, thank you: we have your order {order}.', ifMissing: { name: 'there' } },
    shipped: {
      body: 'Hi {name}, a parcel of order {order} is on its way: {tracking}.',
      button: 'Track it',
      ifMissing: { name: 'there', tracking: 'the carrier will tell you more' },
    },
    delivered: { body: 'Hi {name}, your order {order} was delivered.', ifMissing: { name: 'there' } },
    cancelled: { body: 'Hi {name}, your order {order} was cancelled.', ifMissing: { name: 'there' } },
  },
  he: {
    confirmed: { body: 'שלום {name}, תודה: קיבלנו את הזמנה {order}.', ifMissing: { name: 'לך' } },
    shipped: {
      body: 'שלום {name}, חבילה מהזמנה {order} בדרך: {tracking}.',
      button: 'למעקב',
      ifMissing: { name: 'לך', tracking: 'פרטים אצל חברת המשלוחים' },
    },
    delivered: { body: 'שלום {name}, הזמנה {order} נמסרה.', ifMissing: { name: 'לך' } },
    cancelled: { body: 'שלום {name}, הזמנה {order} בוטלה.', ifMissing: { name: 'לך' } },
  },
};

export const template: Template<Event, typeof orderReadySchema> = {
  title: { en: 'Order updates', he: 'עדכוני הזמנה' },
  description: 'Tells a customer how an order is getting on',
  settings: orderReadySchema,
  sources,
  example: (locale) => ({
    texts: {
      [locale]: locale.startsWith('he')
        ? { body: 'שלום {name}, הזמנה {order} מוכנה לאיסוף.', button: 'לפרטי ההזמנה', ifMissing: { name: 'לך' } }
        : {
            body: 'Hi {name}, your order {order} is ready for pickup.',
            button: 'Open order',
            ifMissing: { name: 'there' },
          },
    },
  }),
  offers(locale) {
    const texts = locale.startsWith('he') ? OFFERED.he : OFFERED.en;
    const updates = Object.entries(texts).map(([name, text]) => [name, { texts: { [locale]: text } }]);
    return { updates: Object.fromEntries(updates) };
  },
  tells: updatesOn,
  times,
  assertMeant: assertTold,
  // DynamoDB's and the Scheduler's clients, for stories of orders and what waits for its number, and what shops' bodies mean. Its door notes whose proofs it refuses (1.5 kB), and gives an event its id (1 kB), and its lines that of its source (1 kB).
  bundleBytes: 589_000,
  sends: messagesOf,
};
