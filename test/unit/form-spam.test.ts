import { describe, expect, it } from 'vitest';
import { source } from '../../functions/lead-first-touch/sources/form/source.ts';

describe('what a form itself calls spam is left out', () => {
  const gravity = { form_id: '3', date_created: '2026-11-22 09:58:00', source_url: 'https://shop.example/' };
  const settings = source.settings.parse({ consent: { fields: ['agreed'] } });
  const parsed = (body: object) => {
    const raw = Buffer.from(JSON.stringify({ phone: '+972501234567', agreed: 'yes', ...body }));
    return source.parse({ method: 'POST', headers: {}, query: {}, raw, receivedAt: 0 }, settings);
  };
  const SKIPPED = [{ skipped: 'spam' }];

  it.each<[string, object]>([
    ["Gravity Forms' status", { ...gravity, status: 'spam' }],
    ["Gravity Forms' trash", { ...gravity, status: 'trash' }],
    ['is_spam', { is_spam: true }],
    ['is_spam as a number', { is_spam: 1 }],
    ['is_spam as a text', { is_spam: '1' }],
    ['spam', { spam: true }],
    ...['is_spam', 'isSpam', 'spam'].flatMap((name) =>
      [true, 1, '1', 'true', 'True', 'yes', 'YES'].flatMap((flag): [string, object][] => [
        [`${name}: ${JSON.stringify(flag)}`, { [name]: flag }],
        ...['data', 'entry', 'payload', 'submission'].map((inner): [string, object] => [
          `${name}: ${JSON.stringify(flag)} in ${inner}`,
          { [inner]: { [name]: flag } },
        ]),
      ]),
    ),
    ["Gravity Forms' status in an entry", { entry: { ...gravity, status: 'spam' } }],
    ["Gravity Forms' trash in an entry", { entry: { ...gravity, status: 'trash' } }],
    ["Contact Form 7's status", { contact_form_id: 5, status: 'spam', posted_data_hash: '' }],
    ["Fluent Forms' entry", { __submission: { form_id: '4', status: 'spam' } }],
    ["Netlify's state", { form_name: 'contact', site_url: 'https://shop.example', state: 'spam' }],
    ["coss's event", { type: 'form.submission.flagged', data: { status: 'held' } }],
  ])('%s', (_, body) => {
    expect(parsed(body)).toEqual(SKIPPED);
  });

  it.each<[string, object]>([
    ['an active entry', { ...gravity, status: 'active' }],
    ['a question that is called status', { status: 'spam' }],
    ['a question that is called state', { state: 'spam', form_name: 'contact' }],
    ['a question about spam', { spam: 'I hate spam', spam_reason: 'spam', is_spam: 'spam' }],
    ['a question within, and one about spam', { entry: { status: 'spam' }, data: { spam: 'no', is_spam: 'never' } }],
    ['a flag two levels deep, or anywhere else', { data: { entry: { is_spam: true } }, answers: { spam: true } }],
    ['flags that are off', { is_spam: false, isSpam: 0, spam: null, spam_reason: null }],
    ['flags that are empty', { is_spam: '', spam: '', status: '', state: null }],
    ['a flag that is the text 0', { is_spam: '0', spam: 'false' }],
    ['a good event of coss', { type: 'form.submission.received', data: { status: 'accepted', spam_reason: null } }],
  ])('%s is none', (_, body) => {
    expect(parsed(body)).toMatchObject([{ event: { consent: { field: 'agreed', value: 'yes' } } }]);
  });
});
