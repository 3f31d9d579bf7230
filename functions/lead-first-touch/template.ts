import type { Template } from '../shared/door/template.ts';
import { oneOf } from '../shared/people/opt-out.ts';
import { wordsOf } from '../shared/wording/words.ts';
import { leadFirstTouchSchema } from './config.ts';
import type { Event } from './schema.ts';
import * as sources from './sources.ts';
import { commandFor, qualify } from './workflow.ts';

export const template: Template<Event, typeof leadFirstTouchSchema> = {
  title: { en: 'Lead first touch', he: 'פנייה ראשונה לליד' },
  description: 'Writes to a person who left a number in a form, once and with consent',
  settings: leadFirstTouchSchema,
  sources,
  example: (locale) => ({
    texts: {
      [locale]: locale.startsWith('he')
        ? { body: 'שלום {name}, תודה על הפנייה. איך אפשר לעזור? להסרה השיבו ״הסר״.', ifMissing: { name: 'לך' } }
        : {
            body: 'Hi {name}, thank you for your interest. How can we help? Reply STOP to hear no more from us.',
            ifMissing: { name: 'there' },
          },
    },
  }),
  warnings({ texts }, { optOut }) {
    const stop = oneOf(optOut.stop, 'within');
    const says = (body: string): boolean => stop.test(` ${wordsOf(body).join(' ')} `);
    const message =
      'does not say how to stop: whoever never heard from the client should be told, as in "Reply STOP to hear no more from us."';
    return Object.entries(texts).flatMap(([locale, { body }]) =>
      says(body) ? [] : [{ path: ['texts', locale, 'body'], message }],
    );
  },
  oncePerPerson: true,
  // DynamoDB's client, beside what every template has.
  bundleBytes: 446_000,
  sends(lead, config, now) {
    const verdict = qualify(lead, config, now);
    return [{ at: now, command: commandFor(lead, config, 'phone' in verdict ? verdict.request : verdict) }];
  },
};
