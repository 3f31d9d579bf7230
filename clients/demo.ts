import { type ClientInput, defineClient } from '../lib/client.ts';
import { everythingOn } from '../lib/everything-on.ts';

/**
 * The client of `npm start`: every template and source is on, those that stand here as they stand here, and every outside address is a
 * stand-in on this machine. A real client looks like `example.ts`.
 */
const STAND_INS = 'http://127.0.0.1:8788';

/** A real client names the one box of its form; the demo takes whatever a sample is likely to call it. */
const CONSENT = {
  fields: [
    'consent.whatsapp',
    'whatsapp consent',
    'consent whatsapp',
    'whatsapp opt in',
    '*whatsapp*consent*',
    '*agree*whatsapp*',
    '*whatsapp*agree*',
    'consent',
    'consent *',
    '*consent',
    'opt in',
    'acceptance',
    'legal',
    '*אישור*',
  ],
  values: [
    'true',
    'yes',
    'on',
    '1',
    'checked',
    'accepted',
    'agree',
    'agreed',
    'i agree*',
    'consented *',
    'whatsapp',
    'yes *',
    'כן',
    'מאשר*',
  ],
};
/** Lead forms of ad networks often have no box: their own text says what sending means, for a form that has none. */
const AD_FORM = { ...CONSENT, statement: 'By sending this form I agree that the shop writes to me on WhatsApp.' };

/** What is named here, and nothing that was added since: tests look at this. */
export const written: ClientInput = {
  schema: 1,
  name: 'demo',
  lineId: 'line-demo',
  country: 'IL',
  zone: 'Asia/Jerusalem',
  locale: 'en',
  contacts: { operator: { name: 'Dana Levi', phone: '+972501234567', email: 'dana@agency.example' } },
  // A demo need not spare a phone: no gap between messages, and back within seconds when the line is.
  // Load tests send more in an hour than any shop, and much of it to one number; a real client keeps the usual limits.
  sender: {
    minGapSeconds: 0,
    hold: { from: 2, to: 30 },
    burstPerHour: 'off',
    perPersonPerDay: 'off',
    browserPostsPerHour: 'off',
  },
  decisions: [
    {
      ask: 'campaigns',
      decision: 'No campaigns. The limit on bursts is off, for this line is a stand-in on this machine.',
      reason: 'The demo is also what load tests run against.',
      decidedBy: 'the maintainers of this bundle',
      on: '2026-11-22',
    },
  ],
  crm: { kind: 'webhook', url: `${STAND_INS}/crm/webhook` },
  escalation: {
    notifiers: { webhook: { url: `${STAND_INS}/notifier/webhook` } },
    // Whoever tries it does not wait for ten minutes.
    digestAfter: 'PT5S',
    rules: [
      {
        name: 'urgent',
        when: { keywords: ['urgent', 'emergency', 'דחוף', 'עזרה', 'عاجل'] },
        severity: 'critical',
        notify: ['webhook'],
      },
    ],
  },
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
      // No number is waited for, so that each step can be tried at once.
      updates: {
        confirmed: {
          texts: {
            en: {
              body: 'Hi {name}, thank you: we have your order {order} ({items}), {total} in all.',
              button: 'Open order',
              ifMissing: { name: 'there', items: 'as you chose', total: 'as agreed' },
            },
            he: {
              body: 'שלום {name}, תודה: קיבלנו את הזמנה {order} ({items}), סה״כ {total}.',
              button: 'לפרטי ההזמנה',
              ifMissing: { name: 'לך', items: 'כפי שבחרת', total: 'כפי שסוכם' },
            },
          },
        },
        shipped: {
          waitForTracking: 'PT0S',
          texts: {
            en: {
              body: 'Hi {name}, a parcel of order {order} is on its way with {carrier}: {tracking}.',
              button: 'Track it',
              ifMissing: { name: 'there', carrier: 'our courier', tracking: 'no tracking number' },
            },
            he: {
              body: 'שלום {name}, חבילה מהזמנה {order} בדרך עם {carrier}: {tracking}.',
              button: 'למעקב',
              ifMissing: { name: 'לך', carrier: 'השליח', tracking: 'ללא מספר מעקב' },
            },
          },
        },
        'out-for-delivery': {
          rank: 35,
          per: 'parcel',
          texts: {
            en: {
              body: 'Hi {name}, your parcel of order {order} comes today.',
              button: 'Track it',
              ifMissing: { name: 'there' },
            },
            he: {
              body: 'שלום {name}, החבילה מהזמנה {order} מגיעה היום.',
              button: 'למעקב',
              ifMissing: { name: 'לך' },
            },
          },
        },
        delivered: {
          texts: {
            en: { body: 'Hi {name}, your order {order} was delivered.', ifMissing: { name: 'there' } },
            he: { body: 'שלום {name}, הזמנה {order} נמסרה.', ifMissing: { name: 'לך' } },
          },
        },
        cancelled: {
          texts: {
            en: { body: 'Hi {name}, your order {order} was cancelled.', ifMissing: { name: 'there' } },
            he: { body: 'שלום {name}, הזמנה {order} בוטלה.', ifMissing: { name: 'לך' } },
          },
        },
      },
      // Whichever tells of an order 1044 means the same one, as an ERP does that stands beside its shop.
      ids: 'shared',
      sources: {
        // A real shop lists the one topic that means "ready" there; the demo lets you try them all.
        shopify: {
          adminApi: `${STAND_INS}/shopify`,
          clientId: 'demo-client-id',
          topics: ['fulfillment_orders/line_items_prepared_for_pickup', 'orders/*'],
          shipmentStatuses: { out_for_delivery: 'out-for-delivery' },
        },
        woocommerce: {
          // What most shops mean by their statuses, but for `completed`: most often that is shipped or delivered.
          statuses: {
            'ready-pickup': 'ready',
            completed: 'ready',
            processing: 'confirmed',
            shipped: 'shipped',
            'partial-shipped': 'shipped',
            'out-for-delivery': 'out-for-delivery',
            delivered: 'delivered',
          },
          pickup: 'any',
          storeUrl: 'https://shop.example',
          restApi: `${STAND_INS}/woocommerce/wp-json`,
        },
        custom: {},
      },
    },
    'lead-first-touch': {
      texts: {
        en: {
          body: 'Hi {name}, thank you for your interest. How can we help? Reply STOP to hear no more from us.',
          ifMissing: { name: 'there' },
        },
        he: { body: 'שלום {name}, תודה על הפנייה. איך אפשר לעזור? להסרה השיבו ״הסר״.', ifMissing: { name: 'לך' } },
      },
      ids: 'shared',
      sources: {
        meta: { consent: AD_FORM, graphApi: `${STAND_INS}/graph` },
        'google-ads': { consent: AD_FORM },
        typeform: { consent: CONSENT, forms: ['lT4Z3j'], apiBase: `${STAND_INS}/typeform` },
        webflow: { consent: CONSENT },
        form: {
          consent: CONSENT,
          // Everything on this machine is one address.
          browser: { origins: ['http://127.0.0.1:8787', 'https://shop.example'], perAddressPerMinute: 100 },
        },
        custom: {},
      },
    },
    'appointment-reminder': {
      stages: {
        '24h': {
          texts: {
            en: {
              body: 'Hi {name}, see you on {day}, {date} at {time}.',
              ifMissing: { name: 'there' },
            },
            he: {
              body: 'שלום {name}, נתראה ב{day}, {date} בשעה {time}.',
              ifMissing: { name: 'לך' },
            },
          },
        },
        '2h': {
          texts: {
            en: { body: 'Hi {name}, see you {when} at {time}.', ifMissing: { name: 'there' } },
            he: { body: 'שלום {name}, נתראה {when} בשעה {time}.', ifMissing: { name: 'לך' } },
          },
        },
      },
      ids: 'shared',
      sources: {
        calendly: { phoneQuestion: 'Phone number', apiBase: `${STAND_INS}/calendly` },
        'cal-com': { phoneQuestion: ['mobile', 'Your mobile number'], apiBase: `${STAND_INS}/cal-com` },
        acuity: { userId: 'demo-user', phoneQuestion: 'Your mobile number', apiBase: `${STAND_INS}/acuity` },
        custom: {},
      },
    },
  },
};

export default defineClient(everythingOn(written, STAND_INS));
