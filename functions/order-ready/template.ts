import type { Template } from '../shared/door/template.ts';
import { orderReadySchema } from './config.ts';
import type { Event } from './schema.ts';
import * as sources from './sources.ts';
import { times } from './times.ts';
import { messagesOf } from './workflow.ts';

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
  times,
  // DynamoDB's and the Scheduler's clients, for stories of orders and what waits for its number, and what shops' bodies mean.
  bundleBytes: 575_000,
  sends: messagesOf,
};
