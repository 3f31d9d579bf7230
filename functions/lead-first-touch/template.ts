import { sourceBy } from '../shared/door/kinds.ts';
import type { Sources } from '../shared/door/source.ts';
import type { Template } from '../shared/door/template.ts';
import { oneOf } from '../shared/people/opt-out.ts';
import { wordsOf } from '../shared/wording/words.ts';
import { leadFirstTouchSchema } from './config.ts';
import type { Event } from './schema.ts';
import * as sources from './sources.ts';
import { times } from './times.ts';
import { commandFor, qualify } from './workflow.ts';

const declared: Sources<Event> = sources;

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
  warnings({ texts, media, answers = {}, sources: turnedOn }, { optOut }) {
    const isOpen = Object.entries(turnedOn).some(
      ([name, own]) => sourceBy(declared, name)?.browser?.rules(own) !== undefined,
    );
    const never = isOpen ? Object.keys(answers).filter((name) => !answers[name]?.choices) : [];
    const stop = oneOf(optOut.stop, 'within');
    const says = (body: string): boolean => stop.test(` ${wordsOf(body).join(' ')} `);
    const message =
      'does not say how to stop: whoever never heard from the client should be told, as in "Reply STOP to hear no more from us."';
    const unsaid = (template: string, ifMissing: object = {}): string | undefined =>
      never.find((name) => template.includes(`{${name}}`) && !Object.hasOwn(ifMissing, name));
    return Object.entries(texts).flatMap(([locale, { body, ifMissing }]) => {
      const name = unsaid(body, ifMissing) ?? unsaid(media?.url ?? '', ifMissing);
      return [
        ...(says(body) ? [] : [{ path: ['texts', locale, 'body'], message }]),
        ...(name === undefined
          ? []
          : [
              {
                path: ['texts', locale, 'ifMissing', name],
                message: `is missing: {${name}} has no choices, so of a post from a browser nothing stands there, and no message goes`,
              },
            ]),
      ];
    });
  },
  oncePerPerson: true,
  // DynamoDB's client, beside what every template has, the many ways in which forms write a phone, and which site a form is of. Its door notes whose proofs it refuses (1 kB), and gives an event its id (1 kB), and its lines that of its source (1 kB).
  bundleBytes: 469_500,
  times,
  sends(lead, config, now) {
    const verdict = qualify(lead, config, now);
    return [
      {
        at: now,
        command:
          'phone' in verdict
            ? commandFor(lead, config, verdict.request, verdict.consent)
            : commandFor(lead, config, verdict),
      },
    ];
  },
};
