import { expect, it } from 'vitest';
import demo from '../../clients/demo.ts';
import type { LeadFirstTouchConfig } from '../../functions/lead-first-touch/config.ts';
import { noteworthy } from '../../functions/lead-first-touch/noteworthy.ts';
import * as sources from '../../functions/lead-first-touch/sources.ts';
import { slices } from '../../lib/client.ts';
import { answersInSample } from '../sample-events.ts';

const config = slices(demo)['lead-first-touch'] as LeadFirstTouchConfig;
const told = (source: keyof typeof sources, sample: string) => {
  const answers = answersInSample('lead-first-touch', sources, source, sample, config.sources[source]);
  const lead = { id: '1', source, name: 'Dana Levi', phones: [], submittedAt: '', ...(answers && { answers }) };
  return noteworthy(lead, config).map(({ question, value }) => `${question}: ${value}`);
};

it.each([
  ['form', 'own/page', ['budget: 5', 'page_url: https://shop.example/lp', 'source: newsletter']],
  ['form', 'tally/response', ['What do you look for?: Two rooms', 'utm_source: newsletter']],
  ['form', 'contact-form-7/contact', ['your-subject: Roses', 'your-message: Do you deliver?']],
  ['typeform', 'response', ['What do you look for?: Two rooms', 'utm_source: newsletter']],
  ['custom', 'created', ['budget: 5']],
] as const)('of %s %s the CRM is told what people were asked', (source, sample, lines) => {
  expect(told(source, sample)).toEqual(lines);
});

it.each([
  ['form', 'jotform/submission'],
  ['form', 'wpforms/entry'],
  ['google-ads', 'lead'],
] as const)(
  'of %s %s nothing is left beside name, number, consent and what the form says of itself',
  (source, sample) => {
    expect(told(source, sample)).toEqual([]);
  },
);
