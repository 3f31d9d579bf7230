import { defineClient } from '../lib/client.ts';

/** The client of `npm start`: every source is on, every outside address is a stand-in on this machine. */
const STAND_INS = 'http://127.0.0.1:8788';

export default defineClient({
  name: 'demo',
  lineId: 'line-demo',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  // A demo need not spare a phone: no gap between messages, and back within seconds when the line is.
  // Load tests may send more in an hour than any shop; a real client keeps the usual limit.
  sender: { minGapSeconds: 0, hold: { from: 2, to: 30 }, burstPerHour: 100_000 },
  decisions: [
    {
      ask: 'campaigns',
      decision: 'No campaigns. The limit on bursts is raised, for this line is a stand-in on this machine.',
      reason: 'The demo is also what load tests run against.',
      decidedBy: 'the maintainers of this bundle',
      on: '2026-11-22',
    },
  ],
  templates: {
    'order-ready': {
      texts: {
        en: {
          body: 'Hi {name}, your order {order} is ready for pickup.',
          button: 'Open order',
          ifMissing: { name: 'there' },
        },
        he: {
          body: 'שלום {name}, הזמנה {order} מוכנה לאיסוף.',
          button: 'לפרטי ההזמנה',
          ifMissing: { name: 'לך' },
        },
      },
      sources: {
        // A real shop lists the one topic that means "ready" there; the demo lets you try them all.
        shopify: {
          adminApi: `${STAND_INS}/shopify`,
          clientId: 'demo-client-id',
          topics: ['fulfillment_orders/line_items_prepared_for_pickup', 'orders/*'],
        },
        woocommerce: { statuses: ['ready-pickup', 'completed'], storeUrl: 'https://shop.example' },
        custom: {},
      },
    },
  },
});
