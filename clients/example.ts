import { defineClient } from '../lib/client.ts';

// A client as an agency writes it: a garden centre in Haifa with a WooCommerce shop, a form on its site, and appointments for garden
// visits. Nothing here is a secret: those are typed into `npx ezw secrets set example …`. `npx ezw init <name>` writes a file like
// this one; whatever is left out has a default, and whatever is misspelt is named with its line when the stack is built.
export default defineClient({
  // The version of what may stand in this file. A release that does not read it says so, and nothing else of it.
  schema: 1,
  // Names the stack (Ezw-example) and its secrets (ezw/example/…). It is the file's name too, and never changes.
  name: 'example',
  // The WhatsApp line that this stack sends on: in the workspace, under the line's settings. Two clients never share one.
  // When it is replaced one day, `keysOf: 'line-example'` beside the new one keeps what was told from being told again.
  lineId: 'line-example',
  // Where it is deployed. Credentials of another account, or another region, are refused: a second stack would tell everybody once more.
  aws: { account: '123456789012', region: 'il-central-1' },
  // National phone numbers without a country of their own belong here.
  country: 'IL',
  zone: 'Asia/Jerusalem',
  // For whoever's own language is unknown, or has no text below.
  locale: 'he',

  contacts: {
    // Whom the client asks. Test messages (`npx ezw test-send example`) go to this phone, so it is your own.
    operator: { name: 'Dana Levi', phone: '+972501234567', email: 'dana@agency.example' },
    // Who holds the phone of the line. When it must be linked again they get a mail with the steps, in their language.
    client: { name: 'Noa Cohen', email: 'noa@garden.example' },
  },

  // A message that is ready at night waits for the morning; on the Sabbath for Saturday evening. What would be too late by then expires.
  sendWindow: {
    hours: [
      { days: ['sun', 'mon', 'tue', 'wed', 'thu'], from: '08:30', to: '20:30' },
      { days: ['fri'], from: '08:30', to: '14:00' },
      { days: ['sat'], from: '20:00', to: '22:00' },
    ],
    closed: ['2026-09-21'],
  },

  templates: {
    'order-ready': {
      // Two days after it became ready nobody needs to be told any more.
      usefulFor: 'P2D',
      texts: {
        // `ifMissing` stands in for what an event does not bring; a message that misses anything else is not sent and says so.
        he: {
          body: 'שלום {name}, הזמנה {order} מוכנה לאיסוף במשתלה.',
          button: 'לפרטי ההזמנה',
          ifMissing: { name: 'לך' },
        },
        en: {
          body: 'Hi {name}, your order {order} is ready for pickup at the nursery.',
          button: 'Open order',
          ifMissing: { name: 'there' },
        },
      },
      sources: {
        // The status of the pickup plug-in, without wc-. `completed` would be the wrong one here: this shop sets it after the pickup.
        // `since` is the day on which it was turned on: orders of before that are re-saved tell nobody anything.
        // `origin` is the shop's own address: a copy of it to try things out keeps the webhook and its secret, and tells nobody anything.
        woocommerce: {
          since: '2026-11-22',
          origin: 'shop.garden.example',
          statuses: ['ready-pickup'],
          storeUrl: 'https://shop.garden.example',
        },
      },
    },
    'lead-first-touch': {
      texts: {
        // Whoever hears from the client for the first time is told how to hear no more.
        he: {
          body: 'שלום {name}, תודה על הפנייה למשתלה. איך אפשר לעזור? להסרה השיבו ״הסר״.',
          ifMissing: { name: 'לך' },
        },
        en: {
          body: 'Hi {name}, thank you for writing to the nursery. How can we help? Reply STOP to hear no more from us.',
          ifMissing: { name: 'there' },
        },
      },
      // A number abroad is a mistake or a robot.
      countries: ['IL'],
      sources: {
        form: {
          since: '2026-11-22',
          // One box of one form, and the one answer that it sends when it is ticked. Nobody is written to who did not tick it. A form that
          // nobody can send without agreeing has `statement` in place of both: the words that stand there.
          consent: { fields: ['whatsapp_consent'], values: ['yes'] },
          // Other forms of the site (newsletter, jobs) make no leads.
          forms: ['contact'],
          // The page posts straight from the visitor's browser; `company` is hidden, and only a robot fills it.
          browser: { origins: ['https://garden.example'], honeypot: 'company' },
        },
      },
    },
    'appointment-reminder': {
      stages: {
        // The same time the day before.
        '24h': {
          texts: {
            he: { body: 'שלום {name}, נתראה ב{day}, {date} בשעה {time}.', ifMissing: { name: 'לך' } },
            en: { body: 'Hi {name}, see you on {day}, {date} at {time}.', ifMissing: { name: 'there' } },
          },
        },
      },
      // Calendly and the gardeners' system each book visits of their own: 1044 here has nothing to do with 1044 there. 'shared' would be
      // right if the one told of the other's bookings under their ids.
      ids: 'separate',
      sources: {
        // Who subscribed the webhook, and the words of the question in the booking form that asks for the phone.
        calendly: {
          since: '2026-11-22',
          origin: 'https://api.calendly.com/users/AAAAAAAAAAAAAAAA',
          phoneQuestion: 'מספר טלפון',
        },
        // The gardeners' own system, which sends signed events of ours. Its ids are kept apart by the prefix.
        // It had it from its first day; a prefix that is added later has the day on which it is deployed.
        custom: { since: '2026-11-22', idPrefix: 'garden', idPrefixSince: '2000-01-01' },
      },
    },
  },

  // Each message becomes a line in the contact's timeline; its words stay in WhatsApp unless `text: true` is written.
  // Or a row of a spreadsheet: `{ kind: 'google-sheets', spreadsheet: '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms' }`.
  // Or both: a list, in which each has all of them.
  crm: { kind: 'hubspot' },

  escalation: {
    // The secret of the one, the address of a Slack channel's webhook, is `notifiers.slack`. The other is also how the contact above is
    // written to: its `from` must be verified in SES.
    notifiers: { slack: {}, email: { from: 'alerts@agency.example', to: ['team@agency.example'] } },
    hours: {
      days: {
        sun: [['08:00', '18:00']],
        mon: [['08:00', '18:00']],
        tue: [['08:00', '18:00']],
        wed: [['08:00', '18:00']],
        thu: [['08:00', '18:00']],
        fri: [['08:00', '13:00']],
      },
    },
    rules: [
      { name: 'urgent', when: { keywords: ['דחוף', 'urgent'] }, severity: 'critical', notify: ['slack'] },
      // Somebody has waited for half an hour of the hours above, and nobody of the team has answered.
      { name: 'waiting', when: { unanswered: 'PT30M' }, severity: 'warning', notify: ['slack'] },
    ],
  },

  // The scope note: what the client was asked, what it decided and why. `npx ezw decisions --client example` lists what is still open.
  decisions: [
    {
      ask: 'campaigns',
      decision: 'No campaigns on this line. Seasonal offers go out by the newsletter.',
      reason: 'People gave their number for an order or a question.',
      decidedBy: 'the owner of the garden centre',
      on: '2026-11-22',
    },
    {
      ask: 'bots',
      decision: 'People answer in the workspace. No automatic replies.',
      reason: 'Questions about plants need a gardener.',
      decidedBy: 'the owner of the garden centre',
      on: '2026-11-22',
    },
  ],
});
