import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { type MessageItem, mayActOn, readPayload } from '../../functions/shared/ezwhatsapp/events.ts';
import { attemptId } from '../../functions/shared/ezwhatsapp/line-api.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const read = (body: unknown, header = 'messages.post', linePhone?: string) =>
  readPayload(header, Buffer.from(JSON.stringify(body)), NOW, linePhone);
/** A text without words is none: where a test is about something else it has some. */
const message = (fields: object): MessageItem => {
  const some = { text: { body: 'Some words' } };
  const isBare = 'type' in fields && fields.type === 'text' && !('text' in fields) && !('body' in fields);
  const [item] = read({ event: 'messages.post', messages: [{ ...fields, ...(isBare && some) }] }).items;
  if (item?.kind !== 'message') throw new Error('no message');
  return item;
};
/** One of WhatsApp's privacy ids, which look like numbers. */
const LID = '4639135154356';
const base = {
  id: 'm1',
  conversationId: 'c1',
  contactPhoneNumber: '+972501234567',
  from_me: false,
  timestamp: 1763805600,
};

describe('reading', () => {
  it('takes the vendor’s own sample', () => {
    const item = message({
      ...base,
      message_id: 'm1',
      chat_id: 'x@s.whatsapp.net',
      type: 'text',
      text: { body: 'Hello' },
      body: 'Hello',
    });
    expect(item).toEqual({
      kind: 'message',
      id: 'm1',
      conversation: 'c1',
      conversationId: 'c1',
      phone: '+972501234567',
      fromMe: false,
      individual: true,
      type: 'text',
      text: 'Hello',
      at: '2025-11-22T10:00:00.000Z',
    });
  });

  it.each([
    [
      'either twin of a field',
      { message_id: 'm1', conversation_id: 'c1', contact_phone_number: '972501234567', from_me: false },
    ],
    [
      'nulls beside the twin that is set',
      {
        id: null,
        message_id: 'm1',
        conversationId: null,
        conversation_id: 'c1',
        contactPhoneNumber: null,
        contact_phone_number: '+972 50-123-4567',
        from_me: 'false',
      },
    ],
  ])('takes %s', (_, fields) => {
    expect(message({ type: 'text', ...fields })).toMatchObject({
      id: 'm1',
      conversation: 'c1',
      phone: '+972501234567',
      fromMe: false,
    });
  });

  it.each([
    ['a chat', { chat_id: '972501234567@s.whatsapp.net' }],
    ['an older chat', { chat_id: '972501234567@c.us' }],
    ['a sender', { chat_id: `${LID}@lid`, from: '972501234567@s.whatsapp.net' }],
    ['a device', { chat_id: '972501234567:12@s.whatsapp.net' }],
    ['the field', { contactPhoneNumber: '972501234567@s.whatsapp.net' }],
    [
      'a chat beside a privacy id in the field',
      { contactPhoneNumber: `+${LID}`, chat_id: '972501234567@c.us', from: `${LID}@lid` },
    ],
    ['our own message', { chat_id: '972501234567@s.whatsapp.net', from: '972501230099@s.whatsapp.net', from_me: true }],
  ])('takes the number of a WhatsApp id: %s', (_, fields) => {
    const item = { ...base, type: 'text', contactPhoneNumber: undefined, ...fields };
    expect(message(item).phone).toBe('+972501234567');
  });

  it.each([
    ['a privacy id', { chat_id: `${LID}@lid`, from: `${LID}@lid` }],
    ['a privacy id that the field repeats', { chat_id: `${LID}@lid`, contactPhoneNumber: `+${LID}` }],
    ['… without a plus', { from: `${LID}@lid`, contact_phone_number: LID }],
    ['… with a device', { chat_id: `${LID}:3@lid`, contactPhoneNumber: Number(LID) }],
    ['… in any field', { sender_lid: `${LID}@lid`, contactPhoneNumber: `+${LID}` }],
    ['a privacy id in the field', { contactPhoneNumber: `${LID}@lid` }],
    ['our own number', { from: '972501230099@s.whatsapp.net', from_me: true }],
    ['a group', { chat_id: '120363041234567890@g.us', from: '972501234567@s.whatsapp.net' }],
    ['an id that is no number', { chat_id: 'x@s.whatsapp.net' }],
    ['digits that name no server', { chat_id: '972501234567' }],
  ])('takes no number from %s', (_, fields) => {
    expect(message({ ...base, type: 'text', contactPhoneNumber: undefined, ...fields }).phone).toBeUndefined();
  });

  it.each([
    ['our own, of a message of ours', { from: `${LID}@lid`, from_me: true }],
    ['whom a message went to', { to: `${LID}@lid` }],
    ['whoever wrote it, of ours', { sender_lid: `${LID}@lid`, author: `${LID}@lid`, from_me: true }],
    ['a person who is named in it', { mentions: [`${LID}@lid`], context: { participant: `${LID}@lid` } }],
  ])('takes nobody for the privacy id of %s', (_, fields) => {
    const chat = { chat_id: '972501234567@s.whatsapp.net', contactPhoneNumber: undefined };
    expect(message({ ...base, type: 'text', ...chat, ...fields })).not.toHaveProperty('privacyId');
  });

  const PHONE = '972501234567';
  const OURS = '972501230099';
  it.each([
    ['senderPn', { senderPn: `${PHONE}@s.whatsapp.net` }],
    ['sender_pn', { sender_pn: `+${PHONE}` }],
    ['participantPn', { participantPn: `${PHONE}@c.us` }],
    ['key.senderPn', { key: { remoteJid: `${LID}@lid`, senderPn: `${PHONE}@s.whatsapp.net` } }],
    ['remoteJidAlt with a device', { remoteJidAlt: `${PHONE}:3@s.whatsapp.net` }],
    ['remoteJidAlt of device 0', { remoteJidAlt: `${PHONE}:0@S.WhatsApp.net` }],
    ['remoteJidAlt of a hosted device', { remoteJidAlt: `${PHONE}:99@hosted` }],
    ['key.remoteJidAlt', { key: { remoteJid: `${LID}@lid`, remoteJidAlt: `${PHONE}@s.whatsapp.net` } }],
    ['participantAlt', { key: { participantAlt: `${PHONE}@s.whatsapp.net` } }],
    ['whatsmeow’s', { _data: { Info: { Sender: `${LID}:3@lid`, SenderAlt: `${PHONE}@s.whatsapp.net` } } }],
    ['phone_number', { phone_number: PHONE }],
    ['Z-API’s', { chat_id: undefined, chatLid: `${LID}@lid`, phone: PHONE }],
    ['Whapi’s bare sender', { from: PHONE }],
    ['the library’s ids', { from: { server: 'c.us', user: PHONE, _serialized: `${PHONE}@c.us` } }],
  ])('reads the number beside a privacy id: %s', (_, fields) => {
    const { contactPhoneNumber: __, ...nobody } = base;
    const item = message({ ...nobody, type: 'text', chat_id: `${LID}@lid`, from: `${LID}@lid`, ...fields });
    expect(item).toMatchObject({ phone: `+${PHONE}`, privacyId: LID });
  });

  it.each([
    ['sender_lid', { sender_lid: `${LID}@lid` }],
    ['senderLid without its server', { senderLid: LID }],
    ['key.senderLid', { key: { senderLid: `${LID}:2@lid` } }],
    ['lid', { lid: `${LID}@lid` }],
    ['key.remoteJidAlt, which is simply the other one', { key: { remoteJidAlt: `${LID}@lid`, addressingMode: 'pn' } }],
  ])('reads the privacy id beside a number: %s', (_, fields) => {
    const item = message({ ...base, type: 'text', chat_id: `${PHONE}@s.whatsapp.net`, ...fields });
    expect(item).toMatchObject({ phone: `+${PHONE}`, privacyId: LID });
  });

  it.each([
    ['before a server of numbers', { chat_id: '157163000254999@c.us', from: '157163000254999' }, '157163000254999'],
    ['alone in the field', { contactPhoneNumber: LID }, LID],
    ['in the field, with a plus', { contactPhoneNumber: `+${LID}` }, LID],
    [
      'where the body names it deeper',
      { contactPhoneNumber: '4912345678901', key: { remoteJid: '4912345678901@lid' } },
      '4912345678901',
    ],
    [
      'where another field names it',
      { contactPhoneNumber: '4912345678901', chatLid: '4912345678901' },
      '4912345678901',
    ],
  ])('takes the digits of a privacy id for no number: %s', (_, fields, privacyId) => {
    const item = message({ ...base, type: 'text', contactPhoneNumber: undefined, ...fields });
    expect(item).not.toHaveProperty('phone');
    expect(item).toMatchObject({ privacyId });
  });

  it.each([
    ['in the field', { chat_id: `${LID}@lid`, contactPhoneNumber: `+${OURS}`, from: `${OURS}@s.whatsapp.net` }],
    ['as the sender’s other id', { chat_id: `${LID}@lid`, key: { senderPn: `${OURS}@s.whatsapp.net` } }],
    ['in whatsmeow’s words', { _data: { Info: { Chat: `${LID}@lid`, SenderAlt: `${OURS}@s.whatsapp.net` } } }],
    ['as it says who we are', { chat_id: `${LID}@lid`, contactPhoneNumber: OURS, me: { id: `${OURS}@c.us` } }],
  ])('takes our own number for nobody’s, in a message of ours: %s', (_, fields) => {
    const item = message({ ...base, type: 'text', contactPhoneNumber: undefined, from_me: true, ...fields });
    expect(item).not.toHaveProperty('phone');
    expect(item.privacyId).toBe(LID);
  });

  it('tells a number that `from` and the documented field agree on beside a privacy id as perhaps theirs', () => {
    const fields = { chat_id: `${LID}@lid`, contactPhoneNumber: `+${PHONE}`, from: `${PHONE}@s.whatsapp.net` };
    const item = message({ ...base, type: 'text', from_me: true, ...fields });
    expect(item).toMatchObject({ perhapsPhone: `+${PHONE}`, privacyId: LID });
    expect(item).not.toHaveProperty('phone');
    for (const over of [{ from: `${LID}@lid` }, { from_me: false }, { chat_id: `${PHONE}@c.us` }])
      expect(message({ ...base, type: 'text', from_me: true, ...fields, ...over })).toMatchObject({
        phone: `+${PHONE}`,
      });
    const ours = message({ ...base, type: 'text', from_me: true, ...fields, me: { id: `${PHONE}@c.us` } });
    expect(ours).not.toHaveProperty('perhapsPhone');
  });

  it.each([
    ['WAHA’s', { to: `${PHONE}@c.us`, chat_id: `${LID}@lid` }],
    ['whatsmeow’s', { _data: { Info: { Chat: `${LID}@lid`, RecipientAlt: `${PHONE}@s.whatsapp.net` } } }],
    ['the stanza’s', { chat_id: `${LID}@lid`, peer_recipient_pn: `${PHONE}@s.whatsapp.net` }],
  ])('reads whom a message of ours is for: %s', (_, fields) => {
    const from = `${OURS}@s.whatsapp.net`;
    const item = message({ ...base, type: 'text', contactPhoneNumber: undefined, from_me: true, from, ...fields });
    expect(item).toMatchObject({ phone: `+${PHONE}`, privacyId: LID });
  });

  it.each<[string, object]>([
    ['its id', { chat_id: `${PHONE}@c.us`, from: `${PHONE}@c.us` }],
    ['its id with a device', { chat_id: `${PHONE}:7@s.whatsapp.net` }],
    ['the library’s key', { key: { remoteJid: `${PHONE}@s.whatsapp.net` } }],
    ['the library’s key within', { _data: { key: { remoteJid: `${PHONE}@s.whatsapp.net` } } }],
    ['whatsmeow’s words', { _data: { Info: { Chat: `${PHONE}@s.whatsapp.net` } } }],
    ['a chat of its own', { chat: { id: `${PHONE}@c.us`, type: 'individual' } }],
    ['the message’s id', { id: `false_${PHONE}@c.us_3EB0` }],
    ['the message’s id in parts', { id: { fromMe: false, remote: `${PHONE}@c.us`, id: '3EB0' } }],
  ])(
    'where the documented field repeats the number of the line, and that is known, the chat names them: by %s',
    (_, fields) => {
      for (const from_me of [false, true]) {
        const own = { contactPhoneNumber: `+${OURS}`, contact_phone_number: OURS };
        const raw = { ...base, ...own, type: 'text', body: 'x', from_me, ...fields };
        const [item] = read({ messages: [raw] }, 'messages.post', `+${OURS}`).items;
        expect(item).toMatchObject({ phone: `+${PHONE}`, fromMe: from_me });
      }
    },
  );

  it('in a chat of a list too', () => {
    const chat = { id: `${PHONE}@c.us`, conversationId: 'c1', contactPhoneNumber: `+${OURS}` };
    expect(read({ chats: [chat] }, 'chats.post', `+${OURS}`).items[0]).toMatchObject({ phone: `+${PHONE}` });
  });

  it('the documented field counts before what a chat’s id says', () => {
    const raw = { ...base, type: 'text', chat_id: `${OURS}@s.whatsapp.net`, from: `${OURS}@s.whatsapp.net` };
    expect(message(raw)).toMatchObject({ phone: `+${PHONE}` });
  });

  it.each([
    ['+5511987654321', '551187654321'],
    ['+551187654321', '5511987654321'],
    ['+525512345678', '5215512345678'],
    ['+5491123456789', '541123456789'],
  ])('of one number in two national forms the documented one is told: %s in the chat of %s', (phone, digits) => {
    const chat = { chat_id: `${digits}@s.whatsapp.net`, from: `${digits}@s.whatsapp.net` };
    expect(message({ ...base, ...chat, contactPhoneNumber: phone, type: 'text' }).phone).toBe(phone);
  });

  it('in a chat by privacy id the documented number stays theirs', () => {
    for (const over of [{}, { id: `false_${LID}@lid_3EB0` }, { from_me: true, from: `${LID}@lid` }])
      expect(message({ ...base, type: 'text', chat_id: `${LID}@lid`, ...over })).toMatchObject({
        phone: `+${PHONE}`,
        privacyId: LID,
      });
  });

  it.each<[string, object]>([
    ['in the field', { chat_id: `${LID}@lid`, from: `${LID}@lid`, contactPhoneNumber: `+${OURS}` }],
    ['in a message of ours', { chat_id: `${LID}@lid`, contactPhoneNumber: `+${OURS}`, from_me: true }],
    ['twice', { chat_id: `${LID}@lid`, from: `${OURS}@c.us`, contactPhoneNumber: OURS, from_me: true }],
    ['in another place', { chat_id: `${LID}@lid`, senderPn: `${OURS}@s.whatsapp.net` }],
  ])('the number of the line, where it is known, is nobody’s: %s', (_, fields) => {
    const raw = { ...base, type: 'text', body: 'x', contactPhoneNumber: undefined, ...fields };
    const [item] = read({ messages: [raw] }, 'messages.post', `+${OURS}`).items;
    expect(item).toMatchObject({ privacyId: LID });
    expect(item).not.toHaveProperty('phone');
    expect(item).not.toHaveProperty('perhapsPhone');
    const chat = { id: `${LID}@lid`, contactPhoneNumber: `+${OURS}` };
    expect(read({ chats: [chat] }, 'chats.post', `+${OURS}`).items[0]).not.toHaveProperty('phone');
    const [status] = read(
      { statuses: [{ id: 'm1', status: 'failed', contactPhoneNumber: OURS }] },
      'statuses.post',
      `+${OURS}`,
    ).items;
    expect(status).not.toHaveProperty('who');
  });

  it('the number of the line is known in either of its national forms', () => {
    const raw = { ...base, type: 'text', body: 'x', chat_id: `${LID}@lid`, contactPhoneNumber: '551187654321' };
    expect(read({ messages: [raw] }, 'messages.post', '+5511987654321').items[0]).not.toHaveProperty('phone');
  });

  it('a number that the documented field alone tells beside a privacy id is told as unsure', () => {
    const raw = { ...base, type: 'text', chat_id: `${LID}@lid`, from: `${LID}@lid` };
    expect(message(raw)).toMatchObject({ phone: `+${PHONE}`, isUnsure: true });
    for (const over of [{ senderPn: `${PHONE}@s.whatsapp.net` }, { from: PHONE }, { chat_id: `${PHONE}@c.us` }])
      expect(message({ ...raw, ...over })).not.toHaveProperty('isUnsure');
    expect(message({ ...base, type: 'text' })).not.toHaveProperty('isUnsure');
  });

  it.each([
    ['number', [`${PHONE}@s.whatsapp.net`, `${PHONE}@c.us`, `${PHONE}:12@s.whatsapp.net`, `${PHONE}@S.WHATSAPP.NET`]],
    ['privacy id', [`${LID}@lid`, `${LID}:3@lid`, `${LID}@LID`, `${LID}:99@hosted.lid`]],
  ])('one %s is one conversation, however its chat is written, where no other id is told', (_, chats) => {
    const bare = { id: 'm1', from_me: false, type: 'text' };
    const items = chats.map((chat_id) => message({ ...bare, chat_id }));
    const ids = chats.map((id) => read({ chats: [{ id }] }, 'chats.post').items[0]?.id);
    expect(new Set([...items.map(({ conversation }) => conversation), ...ids]).size).toBe(1);
    expect(new Set(items.map(({ phone, privacyId }) => phone ?? privacyId)).size).toBe(1);
  });

  it('takes a name that is the privacy id for none', () => {
    const item = { ...base, type: 'text', contactPhoneNumber: undefined, chat_id: `${LID}@lid` };
    expect(message({ ...item, from_name: `+${LID}` })).not.toHaveProperty('name');
    expect(message({ ...item, from_name: LID, pushName: 'Dana' }).name).toBe('Dana');
  });

  it.each([
    '+972 50-123-4567',
    '972501234567',
    '(050) 123.4567',
    '~ +1 (206) 555-0123',
    '\u202a+972 50‑123‑4567\u202c',
    '٠٥٠١٢٣٤٥٦٧',
    '۰۵۰ ۱۲۳ ۴۵۶۷',
    '０５０１２３４５６７',
    'Tel: 050-1234567',
    'WhatsApp +972501234567',
    'נייד 050-1234567',
    'هاتف: 0501234567',
    'Тел. 0501234567',
  ])('takes a number for no name: %s', (from_name) => {
    expect(message({ ...base, type: 'text', from_name })).not.toHaveProperty('name');
    expect(message({ ...base, type: 'text', from_name, pushName: 'Dana' }).name).toBe('Dana');
  });

  it.each(['972501234567@s.whatsapp.net', '972501234567:3@c.us', '4639135155000@lid', '120363041234567890@g.us'])(
    'takes an id, whoever’s, for no name: %s',
    (from_name) => {
      expect(message({ ...base, type: 'text', from_name })).not.toHaveProperty('name');
    },
  );

  it.each([
    'Studio 1234567',
    '2024',
    '🌸',
    'דנה 0501234567',
    'Studio 54',
    '7-11',
    '24/7',
    'Tel Aviv Bikes 1234567',
    'Telma 0501234567',
    'Phone 7',
    'dana@shop.example',
  ])('leaves a name with digits, or without letters, a name: %s', (from_name) => {
    expect(message({ ...base, type: 'text', from_name }).name).toBe(from_name);
  });

  it('reads who a chat is with: number and privacy id', () => {
    const chat = { id: `${LID}@lid`, conversationId: 'c1', phoneNumber: `${PHONE}@s.whatsapp.net` };
    expect(read({ chats: [chat] }, 'chats.post').items[0]).toMatchObject({ phone: `+${PHONE}`, privacyId: LID });
    const other = { id: `${PHONE}@s.whatsapp.net`, lid: `${LID}@lid` };
    expect(read({ chats: [other] }, 'chats.post').items[0]).toMatchObject({ phone: `+${PHONE}`, privacyId: LID });
  });

  it('takes every number that a plan knows for one, and few privacy ids', () => {
    const took = (digits: string) => message({ ...base, type: 'text', contactPhoneNumber: digits }).phone;
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples);
      expect([country, took(`${example?.number.slice(1)}`)]).toEqual([country, example?.number]);
    }
    // Forty-eight random bits, as privacy ids seem to be.
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const ids = Array.from({ length: 4000 }, () => String(Math.floor(random() * 2 ** 48)));
    expect(ids.filter((id) => took(id) !== undefined).length / ids.length).toBeLessThan(0.05);
  });

  it.each([
    ['\u200e+972501234567'],
    ['\u202a+972 50-123-4567\u202c'],
    ['+972 50\u2011123\u20114567'],
    ['+972\u00a050\u2013123\u20134567'],
  ])('takes the number %j, whatever marks and dashes are in it', (field) => {
    const item = { ...base, type: 'text', contactPhoneNumber: field, chat_id: `${LID}@lid` };
    expect(message(item)).toMatchObject({ phone: '+972501234567', privacyId: LID });
  });

  it.each([['5215512345678'], ['551187654321'], ['541123456789'], ['999123456789']])(
    'asks no numbering plan whether %s is valid: it wrote to us',
    (digits) => {
      const id = `${digits}@s.whatsapp.net`;
      expect(message({ ...base, type: 'text', contactPhoneNumber: digits }).phone).toBe(`+${digits}`);
      expect(message({ ...base, type: 'text', contactPhoneNumber: undefined, chat_id: id }).phone).toBe(`+${digits}`);
    },
  );

  it.each([
    [1763805600, '2025-11-22T10:00:00.000Z'],
    ['1763805600', '2025-11-22T10:00:00.000Z'],
    [1763805600123, '2025-11-22T10:00:00.123Z'],
    ['1763805600123', '2025-11-22T10:00:00.123Z'],
    [null, new Date(NOW).toISOString()],
    [undefined, new Date(NOW).toISOString()],
    [0, new Date(NOW).toISOString()],
    ['', new Date(NOW).toISOString()],
    [{ low: 0, high: 0, unsigned: true }, new Date(NOW).toISOString()],
    [{ low: 1763805600, high: 0, unsigned: true }, '2025-11-22T10:00:00.000Z'],
    // Milliseconds: the lower half is negative where it is signed.
    [{ low: -1425958656, high: 410, unsigned: false }, '2025-11-22T10:00:00.000Z'],
    [1763805600123456, '2025-11-22T10:00:00.123Z'],
    ['1763805600123456789', '2025-11-22T10:00:00.123Z'],
    ['2025-11-22T10:00:00Z', '2025-11-22T10:00:00.000Z'],
    [' 2025-11-22T12:00:00.123456+02:00 ', '2025-11-22T10:00:00.123Z'],
    ['2025-11-22 10:00:00', '2025-11-22T10:00:00.000Z'],
    ['Sat, 22 Nov 2025 10:00:00 GMT', '2025-11-22T10:00:00.000Z'],
    ['Sat, 22 Nov 2025 12:00:00 +0200', '2025-11-22T10:00:00.000Z'],
    ['22 Nov 2025 10:00 UT', '2025-11-22T10:00:00.000Z'],
    ['Sat, 2 Nov 2025 10:00:00 +0000', '2025-11-02T10:00:00.000Z'],
    ['2025-11-22 10:00:00 UTC', '2025-11-22T10:00:00.000Z'],
    ['2025-11-22T10:00:00 GMT', '2025-11-22T10:00:00.000Z'],
    ['2025-11-22T12:00:00+02', '2025-11-22T10:00:00.000Z'],
    ['2025-11-22 04:30:00 -0530', '2025-11-22T10:00:00.000Z'],
    ['1.7638056e+09', '2025-11-22T10:00:00.000Z'],
    ['1.7638056E12', '2025-11-22T10:00:00.000Z'],
    [{ seconds: 1763805600 }, '2025-11-22T10:00:00.000Z'],
    [{ seconds: '1763805600', nanos: 123456789 }, '2025-11-22T10:00:00.123Z'],
    [{ seconds: { low: 1763805600, high: 0 } }, '2025-11-22T10:00:00.000Z'],
    [{ seconds: 0, nanos: 0 }, new Date(NOW).toISOString()],
    [{ low: '1763805600', high: '0' }, '2025-11-22T10:00:00.000Z'],
    [{ low: '-1425958656', high: '410' }, '2025-11-22T10:00:00.000Z'],
    [{ low: '0', high: '0' }, new Date(NOW).toISOString()],
    [99_999_999_999, new Date(NOW).toISOString()],
    // Nothing is later than its arrival.
    [NOW / 1000 + 3600, new Date(NOW).toISOString()],
    [NOW / 1000 + 1, new Date(NOW).toISOString()],
    [NOW / 1000 - 60, new Date(NOW - 60_000).toISOString()],
  ])('takes the time %j as %s', (timestamp, at) => {
    expect(message({ ...base, type: 'text', timestamp }).at).toBe(at);
  });

  it.each([
    { messageTimestamp: 1763805600 },
    { messageTimestamp: { low: 1763805600, high: 0, unsigned: true } },
    { t: 1763805600 },
    { _data: { t: 1763805600 } },
    { _data: { messageTimestamp: '1763805600' } },
    { _data: { Info: { Timestamp: '2025-11-22T12:00:00+02:00' } } },
    { timestamp: 'soon', t: 1763805600 },
    { timestamp: 0, messageTimestamp: 1763805600 },
  ])('finds the time of %j', (over) => {
    expect(message({ ...base, timestamp: undefined, type: 'text', ...over }).at).toBe('2025-11-22T10:00:00.000Z');
  });

  it.each([
    { timestamp: 'soon' },
    { timestamp: -5 },
    { timestamp: true },
    { timestamp: '2025-11-22' },
    { timestamp: '2025-13-45T10:00:00Z' },
    { timestamp: {} },
    { timestamp: { low: 'x' } },
    { timestamp: { low: 'x', high: 0 } },
    { timestamp: { low: 1763805600 } },
    { timestamp: { seconds: 'x' } },
    { timestamp: { nanos: 5 } },
    { timestamp: '1e999' },
    // Of a zone by its name, and of none, nobody knows which.
    { timestamp: '2025-11-22 10:00:00 IST' },
    { timestamp: 'Sat, 22 Nov 2025 10:00:00 IST' },
    { timestamp: 'Sat, 22 Nov 2025 10:00:00' },
    { timestamp: 'Sat, 22 Xyz 2025 10:00:00 GMT' },
    { timestamp: false },
    { timestamp: [1763805600] },
  ])('a message with %j is unread, and never of now', (over) => {
    const raw = { ...base, type: 'text', body: 'urgent', ...over };
    expect(read({ messages: [raw] })).toMatchObject({ items: [], unread: ['no_time'] });
    expect(
      read({
        messages: [
          { ...raw, chat_id: '1203@g.us' },
          { ...raw, type: 'system' },
        ],
      }).items,
    ).toHaveLength(2);
  });

  it.each([
    ['text', { text: { body: 'Hello' } }, 'Hello'],
    ['text', { body: 'Hello' }, 'Hello'],
    [
      'link_preview',
      { link_preview: { body: 'see https://x.example', url: 'https://x.example' } },
      'see https://x.example',
    ],
    ['image', { image: { id: 'i', caption: 'Look' } }, 'Look'],
    ['document', { document: { file_name: 'a.pdf' } }, undefined],
    ['reply', { reply: { type: 'buttons_reply', buttons_reply: { id: 'ButtonsV3:1', title: 'Yes' } } }, 'Yes'],
    ['reply', { reply: { type: 'list_reply', list_reply: { id: 'ListV3:1', title: 'Second' } } }, 'Second'],
    ['interactive', { interactive: { button_reply: { title: 'OK' } } }, 'OK'],
    ['voice', { voice: { seconds: 7 } }, undefined],
  ])('takes the words of a %s from %j', (type, content, text) => {
    expect(message({ ...base, type, ...content }).text).toBe(text);
  });

  it('takes the whapi family’s own event object, and the header before the body', () => {
    const statuses = [
      { id: 'm1', status: 'READ', timestamp: '1763805600', code: 4 },
      { id: 'm2', status: 'odd' },
    ];
    const errors = [{ code: 131026, title: 'Undeliverable', error_data: { details: 'To +972 50-123-4567:\nno.' } }];
    const failed = (more: object) =>
      read({ statuses: [{ id: 'm1', status: 'failed', ...more }] }, 'statuses.post').items;
    expect(failed({ errors })).toMatchObject([{ why: { code: '131026', says: 'To …: no.' } }]);
    expect(failed({ error: 'boom' })).toMatchObject([{ why: { says: 'boom' } }]);
    expect(failed({ error: { code: '972501234567', message: 'boom' } })).toMatchObject([{ why: { says: 'boom' } }]);
    expect(failed({ errors: 'x', code: 4 })[0]).toMatchObject({ why: { says: 'x' } });
    expect(failed({ errors: [null] })[0]).not.toHaveProperty('why');
    for (const recipient_id of ['972501234567@s.whatsapp.net', '972501234567', '+972 50-123-4567']) {
      const [status] = failed({ recipient_id });
      expect(status).toMatchObject({ who: '+972 •• ••• ••67' });
      expect(JSON.stringify(status)).not.toContain('1234567');
    }
    expect(failed({ recipient_id: '123456789012345@lid' })[0]).not.toHaveProperty('who');
    // Whatever stands around those digits.
    for (const recipient_id of [LID, `${LID}:2@lid`, `${LID}@c.us`])
      expect(failed({ recipient_id })[0]).not.toHaveProperty('who');
    const whapi = read({ statuses, event: { type: 'statuses', event: 'post' } }, 'something-new');
    expect(whapi).toMatchObject({
      event: 'statuses.post',
      unread: ['unreadable_item'],
      items: [{ kind: 'status', id: 'm1', status: 'read' }],
    });
    expect(read({ event: { type: 'chats', method: 'post' }, chats: [{ id: 'c' }] }, '').items).toHaveLength(1);
    expect(read({ event: 'chats.post', messages: [{ id: 'm1' }] }, 'Messages.Post').event).toBe('messages.post');
  });

  it('gives a message without an id one of its own, the same each time', () => {
    const [one, two] = [message({ type: 'text', body: 'x' }), message({ type: 'text', body: 'x' })];
    expect(one.id).toMatch(/^x_[0-9a-f]{64}$/);
    expect(one.id).toBe(two.id);
    expect(message({ type: 'text', body: 'y' }).id).not.toBe(one.id);
  });

  it('keeps what a person wrote as it stands, markup included, but for what is no character', () => {
    const said = (text: string) => message({ ...base, type: 'text', body: text }).text;
    for (const text of ['<b>x</b> &amp; y', 'x \ufffd y', '👨‍👩‍👧🎂', 'דנה \u2067x\u2069'])
      expect(said(text)).toBe(text);
    expect(said('a\ud83cb\0c\uffff')).toBe('abc');
    expect(said(`${'x'.repeat(4095)}🎂🎂`)).toBe(`${'x'.repeat(4095)}🎂`);
    expect(said(`${'x'.repeat(4095)}👨‍👩‍👧`)).toBe('x'.repeat(4095));
  });

  it('takes an id whole or not at all, so that no two are one', () => {
    const long = 'm'.repeat(301);
    for (const id of ['m\ud83c', 'm\ufffd', long]) {
      expect(message({ ...base, id, type: 'text' }).id).toMatch(/^x_/);
      expect(message({ ...base, conversationId: id, type: 'text' }).conversationId).toBeUndefined();
      expect(read({ statuses: [{ id, status: 'read' }] }, 'statuses.post')).toMatchObject({
        items: [],
        unread: ['unreadable_item'],
      });
    }
    expect(message({ ...base, id: '🎂', type: 'text' }).id).toBe('🎂');
  });

  /** What WhatsApp's own clients and their libraries hand over: from captures in public reports. */
  const own = (content: object) => ({ ...base, message: content });
  it.each([
    [
      'a picture to be seen once',
      own({ viewOnceMessageV2: { message: { imageMessage: {} } } }),
      'view_once',
      undefined,
    ],
    [
      'a picture to be seen once, that the device was not given',
      { ...base, messageStubType: 2, messageStubParameters: ['Message absent from node'] },
      'view_once',
      undefined,
    ],
    ['what WhatsApp shows on the phone alone', own({ placeholderMessage: { type: 0 } }), 'view_once', undefined],
    ['words that disappear', own({ ephemeralMessage: { message: { conversation: 'STOP' } } }), 'text', 'STOP'],
    ['what was forwarded', { ...base, type: 'text', body: 'hi', context: { forwarded: true } }, 'text', 'hi'],
    ['a voice note', { ...base, type: 'ptt' }, 'voice', undefined],
    ['a video note', own({ ptvMessage: {} }), 'short', undefined],
    ['a picture with words', own({ imageMessage: { caption: 'urgent' } }), 'image', 'urgent'],
    [
      'a picture of an album',
      own({ associatedChildMessage: { message: { imageMessage: { caption: 'two' } } } }),
      'image',
      'two',
    ],
    ['a place', own({ locationMessage: { degreesLatitude: 32, degreesLongitude: 34 } }), 'location', undefined],
    ['a poll', own({ pollCreationMessageV3: { name: 'When?' } }), 'poll', undefined],
    ['a button that was chosen', own({ templateButtonReplyMessage: { selectedDisplayText: 'Stop' } }), 'reply', 'Stop'],
    ['a row that was chosen', own({ listResponseMessage: { title: 'Stop' } }), 'reply', 'Stop'],
    [
      'words beside the keys of a chat',
      own({ senderKeyDistributionMessage: {}, messageContextInfo: {}, conversation: 'STOP' }),
      'text',
      'STOP',
    ],
  ])('reads %s as something that a person wrote', (_, body, type, text) => {
    const item = message(body);
    expect(item).toMatchObject({ type, ...(text !== undefined && { text }) });
    expect(item.text).toBe(text);
    expect(mayActOn(item)).toBe(true);
  });

  it.each([
    ['a reaction', own({ reactionMessage: { key: { id: 'm0' }, text: '👍' } })],
    ['a sealed reaction', own({ encReactionMessage: {} })],
    ['a vote', own({ pollUpdateMessage: { pollCreationMessageKey: { id: 'm0' }, vote: {} } })],
    ['a vote of whapi', { ...base, type: 'action', action: { type: 'vote', target: 'm0', votes: ['x'] } }],
    ['a message that was deleted', own({ protocolMessage: { type: 'REVOKE', key: { id: 'm0' } } })],
    ['a message that was deleted, by its number', own({ protocolMessage: { type: 0, key: { id: 'm0' } } })],
    ['disappearing turned on', own({ protocolMessage: { type: 'EPHEMERAL_SETTING', ephemeralExpiration: 604800 } })],
    ['a mention in a status', own({ protocolMessage: { type: 25 } })],
    ['a status', own({ groupStatusMessageV2: { message: { conversation: 'urgent' } } })],
    ['a pin', own({ pinInChatMessage: { key: { id: 'm0' }, type: 1 } })],
    ['what is kept in a chat', own({ keepInChatMessage: { key: { id: 'm0' } } })],
    ['a call', { ...own({ call: { callKey: 'MDAx' } }), ack: -1 }],
    ['a missed call', { ...base, type: 'call_log' }],
    ['a call that is planned', own({ scheduledCallCreationMessage: { title: 'urgent' } })],
    ['an event', own({ eventMessage: { name: 'urgent', startTime: '1782574200' } })],
    ['an album, whose pictures come behind it', own({ albumMessage: { expectedImageCount: 3 } })],
    ['keys of a chat', own({ senderKeyDistributionMessage: { groupId: '1@g.us' } })],
    ['a notice of history', { ...base, type: 'unknown', message: { messageHistoryNotice: {} } }],
    ['what the device cannot open yet', { ...base, type: 'ciphertext', body: '' }],
    ['what the device has no key for', { ...base, messageStubType: 2, messageStubParameters: ['No sender key'] }],
    ['a change of the chat', { ...base, messageStubType: 40 }],
    ['a post of a channel', { ...base, chat_id: '1203@newsletter', type: 'text', body: 'urgent' }],
    ['a post of a community', { ...base, chat_id: '1203@g.us', chat_type: 'community', type: 'text', body: 'urgent' }],
    ['a chat with an assistant', { ...base, chat_id: '1313555@bot', type: 'text', body: 'urgent' }],
  ])('reads %s, and nothing is done because of it', (_, body) => {
    const { items, unread } = read({ messages: [body] });
    expect(unread).toEqual([]);
    expect(items.map((item) => item.kind === 'message' && mayActOn(item))).toEqual([false]);
  });

  it.each([
    ['unknown_event', { messages: [base] }, 'messages.put'],
    ['no_list', { data: [base] }, 'messages.post'],
    ['no_list', { messages_updates: [{ id: 'm1' }] }, 'messages.post'],
    ['no_list', { statuses: [{ id: 'm1', status: 'read' }] }, 'messages.post'],
    ['unreadable_item', { messages: ['m1'] }, 'messages.post'],
    ['unreadable_item', { messages: [{}] }, 'messages.post'],
    ['unreadable_item', { messages: [{ from_me: false, type: 'image' }] }, 'messages.post'],
    ['unreadable_item', { messages: [{ key: { fromMe: false } }] }, 'messages.post'],
    ['unknown_type', { messages: [base] }, 'messages.post'],
    ['unknown_type', { messages: [{ ...base, type: 'voice_note' }] }, 'messages.post'],
    ['unknown_type', { messages: [{ ...base, message: { sendPaymentMessage: {} } }] }, 'messages.post'],
    ['unknown_chat', { messages: [{ ...base, chat_type: 'huddle', type: 'text', body: 'urgent' }] }, 'messages.post'],
    [
      'unknown_chat',
      { messages: [{ id: 'm1', from_me: false, chat_id: '7@interop', type: 'text', body: 'urgent' }] },
      'messages.post',
    ],
    ['no_words', { messages: [{ ...base, type: 'text', body: null }] }, 'messages.post'],
    ['no_author', { messages: [{ ...base, from_me: null, type: 'chat', body: 'urgent' }] }, 'messages.post'],
    ['no_author', { messages: [{ ...base, from_me: 'me', type: 'unknown', body: 'urgent' }] }, 'messages.post'],
    [
      'no_author',
      { messages: [{ ...base, from_me: undefined, editedMessageId: 'm0', body: 'STOP' }] },
      'messages.post',
    ],
  ])('says of what it cannot read that it is %s: nothing is swallowed', (why, body, event) => {
    expect(read(body, event)).toMatchObject({ items: [], unread: [why] });
  });

  it.each([
    [{ author: '972501234567@c.us' }],
    [{ participant: '972501234567@s.whatsapp.net', contactPhoneNumber: undefined }],
    [{ from: '972501234567' }],
    [{ conversationId: undefined, conversation_id: '1203@g.us' }],
    [{ conversationId: '1203@newsletter' }],
  ])('takes nobody of a group for one person, though only the conversation’s id names it: %j', (over) => {
    const raw = { ...base, chat_id: undefined, conversationId: '1203@g.us', type: 'text', body: 'STOP', ...over };
    expect(message(raw)).toMatchObject({ individual: false });
    expect(mayActOn(message(raw))).toBe(false);
    const chat = { id: 'chat-1', conversationId: '1203@g.us', contactPhoneNumber: '+972501234567' };
    expect(read({ chats: [chat] }, 'chats.post').items).toMatchObject([{ individual: false }]);
  });

  const GROUP = '120363041234567890@g.us';
  it.each([
    [{ key: { remoteJid: GROUP } }],
    [{ _data: { key: { remoteJid: GROUP } } }],
    [{ _data: { Info: { Chat: GROUP } } }],
    [{ _data: { Info: { IsGroup: true } } }],
    [{ isGroup: true }],
    [{ isGroup: 'true' }],
    [{ isGroupMsg: true }],
    [{ chat: { id: GROUP, type: 'group' } }],
    [{ chat: { id: 'chat-1', type: 'group' } }],
    [{ chat: { id: { server: 'g.us', user: '120363041234567890', _serialized: GROUP } } }],
    [{ chat: GROUP }],
    [{ id: `false_${GROUP}_3EB0_972501234567@c.us` }],
    [{ id: 'false_status@broadcast_3EB0_972501234567@c.us' }],
    [{ id: { fromMe: false, remote: GROUP, id: '3EB0', participant: '972501234567@c.us' } }],
    [{ to: GROUP }],
    [{ to: 'status@broadcast' }],
    [{ chat_id: '972501234567@c.us', to: GROUP }],
  ])('takes nobody of a group for one person, wherever the group is named: %j', (over) => {
    const raw = { ...base, from: '972501234567@c.us', type: 'text', body: 'STOP', ...over };
    for (const from_me of [false, true]) {
      expect(message({ ...raw, from_me })).toMatchObject({ individual: false });
      expect(mayActOn(message({ ...raw, from_me }))).toBe(false);
    }
  });

  it('takes nobody for a group who is named beside none', () => {
    const raw = { ...base, chat_id: '972501234567@c.us', type: 'text', body: 'x' };
    for (const over of [
      { isGroup: false },
      { to: `${OURS}@c.us` },
      { chat: { id: '972501234567@c.us' } },
      { chat: {} },
    ])
      expect(message({ ...raw, ...over })).toMatchObject({ individual: true, phone: '+972501234567' });
    // Our own number makes no chat of a new kind one with a person.
    const odd = { id: 'm1', from_me: false, chat_id: '7@interop', to: `${OURS}@c.us`, type: 'text', body: 'x' };
    expect(read({ messages: [odd] }).unread).toEqual(['unknown_chat']);
  });

  it('takes no other id of a conversation for a kind of chat', () => {
    for (const conversationId of ['c1', 'c@1', '972501234567@s.whatsapp.net']) {
      expect(message({ ...base, conversationId, type: 'text', body: 'x' })).toMatchObject({ individual: true });
    }
  });

  it.each([
    ['an empty list', { messages: [] }],
    ['what WhatsApp itself says', { messages: [{ ...base, type: 'system', body: 'The security code changed' }] }],
    ['what it says without words', { messages: [{ ...base, type: 'system' }] }],
    ['what is called unknown and has no words', { messages: [{ ...base, type: 'unknown' }] }],
    ['a call that names nothing', { messages: [{ type: 'call' }] }],
    ['a group', { messages: [{ ...base, chat_id: '123@g.us', type: 'hologram' }] }],
  ])('takes %s for nothing new', (_, body) => {
    expect(read(body).unread).toEqual([]);
  });

  it.each<[string, object]>([
    ['WhatsApp’s own, without a type', { message: { conversation: 'URGENT STOP' } }],
    ['the same in an envelope', { message: { ephemeralMessage: { message: { conversation: 'URGENT STOP' } } } }],
    ['the same of a longer text', { type: '', message: { extendedTextMessage: { text: 'URGENT STOP' } } }],
    ['a text under another name', { text: { message: 'URGENT STOP' } }],
    ['a content', { content: { text: 'URGENT STOP' } }],
    ['WhatsApp’s own name', { type: 'conversation', conversation: 'URGENT STOP' }],
    ['that name with a body', { type: 'conversation', text: { body: 'URGENT STOP' } }],
    ['a name of another library', { type: 'chat', body: 'URGENT STOP' }],
    ['a caption of what is new', { type: 'hologram', hologram: { caption: 'URGENT STOP' } }],
    ['words within what is new', { type: 'voice_note', voice_note: { text: { body: 'URGENT STOP' } } }],
    ['a picture without a type', { image: { caption: 'URGENT STOP' } }],
    ['unknown', { type: 'unknown', text: { body: 'URGENT STOP' } }],
    ['no word', { type: { text: true }, body: 'URGENT STOP' }],
    ['a text in an envelope', { type: 'text', message: { conversation: 'URGENT STOP' } }],
  ])('finds a customer’s words, whatever their type is called: %s', (_, fields) => {
    const item = message({ ...base, text: undefined, body: undefined, ...fields });
    expect(item).toMatchObject({ id: 'm1', type: 'text', text: 'URGENT STOP', fromMe: false });
    expect(mayActOn(item)).toBe(true);
  });

  it('reads a message in WhatsApp’s own shape, and whose it is', () => {
    const raw = (fromMe: boolean, remoteJid = '972501234567@s.whatsapp.net') => ({
      key: { remoteJid, fromMe, id: '3EB0' },
      pushName: 'Dana',
      messageTimestamp: 1763805600,
      message: { conversation: 'URGENT STOP' },
    });
    const item = message(raw(false));
    expect(item).toEqual({
      kind: 'message',
      id: '3EB0',
      conversation: '972501234567@s.whatsapp.net',
      phone: '+972501234567',
      name: 'Dana',
      fromMe: false,
      individual: true,
      type: 'text',
      text: 'URGENT STOP',
      at: '2025-11-22T10:00:00.000Z',
    });
    expect(mayActOn(item)).toBe(true);
    expect(message(raw(true)).fromMe).toBe(true);
    expect(mayActOn(message(raw(false, '123@g.us')))).toBe(false);
  });

  it('takes no id of a conversation for words, and what is unknown and ours for nobody’s', () => {
    expect(read({ messages: [{ ...base, conversation: 'c1' }] }).unread).toEqual(['unknown_type']);
    expect(message({ ...base, from_me: true, type: 'unknown', body: 'Hi' }).type).toBe('unknown');
  });

  it.each([
    '3EB0',
    'false_972501234567@c.us_3EB0',
    `false_${LID}@lid_3EB0`,
    'false_972501234567:12@s.whatsapp.net_3EB0',
    'true_972501234567@c.us_3EB0',
    'true_972501234567@hosted_3EB0',
    // To oneself, and in a list of several: https://github.com/devlikeapro/waha/issues/1464
    'true_972501234567@c.us_3EB0_out',
    'true_972501234567@c.us_3EB0_in',
    'true_972501234567@c.us_3EB0_972501230099@c.us',
    `false_${LID}@lid_3EB0_${LID}:3@lid`,
  ])('knows a message by its bare id wherever one stands, in whatever chat it is told: %s', (id) => {
    const action = { type: 'edit', target: id, edited_content: { body: 'x' } };
    const sealed = { secretEncryptedMessage: { targetMessageKey: { id } } };
    expect(message({ ...base, id, type: 'text', body: 'x' }).id).toBe('3EB0');
    expect(message({ ...base, type: 'action', action }).revises).toBe('3EB0');
    expect(message({ ...base, editedMessageId: id, body: 'x' }).revises).toBe('3EB0');
    expect(message({ ...base, ...sealed }).revises).toBe('3EB0');
    expect(read({ statuses: [{ id, status: 'read' }] }, 'statuses.post').items).toMatchObject([{ id: '3EB0' }]);
    const chat = { id: '972501234567@c.us', last_message: { id } };
    expect(read({ chats: [chat] }, 'chats.post').items).toMatchObject([{ lastMessageId: '3EB0' }]);
    expect(attemptId(JSON.stringify({ message: { id } }))).toBe('3EB0');
  });

  it.each([
    { fromMe: false, remote: '972501234567@c.us', id: '3EB0' },
    { fromMe: false, remote: { server: 'lid', user: LID }, id: '3EB0', participant: `${LID}@lid` },
    { id: '3EB0', _serialized: 'false_972501234567@c.us_3EB0' },
  ])('knows a message by its bare id where that stands in parts: %j', (id) => {
    expect(message({ ...base, id, type: 'text', body: 'x' }).id).toBe('3EB0');
    expect(read({ statuses: [{ id, status: 'read' }] }, 'statuses.post').items).toMatchObject([{ id: '3EB0' }]);
  });

  it.each([
    'false_123-456@g.us_3EB0_972501234567@c.us',
    '3EB0_out',
    'false_',
    'false_3EB0',
    'false_972501234567@c.us_',
  ])('takes no part of an id that is none of a chat with one person: %s', (id) => {
    expect(message({ ...base, id, type: 'text', body: 'x' }).id).toBe(id);
  });

  it.each([
    [
      'whapi’s action',
      { type: 'action', action: { type: 'edit', target: 'm1', edited_type: 'text', edited_content: { body: 'STOP' } } },
    ],
    [
      'the same with a text',
      { type: 'action', action: { type: 'edited', target: 'm1', edited_content: { text: { body: 'STOP' } } } },
    ],
    [
      'Meta’s type',
      { type: 'edit', edit: { original_message_id: 'm1', message: { type: 'text', text: { body: 'STOP' } } } },
    ],
    ['an id beside the words', { type: 'text', editedMessageId: 'm1', body: 'STOP' }],
    [
      'whapi’s action with the words under another name',
      { type: 'action', action: { type: 'edited', target: 'm1', edited: { text: { body: 'STOP' } } } },
    ],
    [
      'an id beside nested words',
      { type: 'edited', editedMessageId: 'm1', edited_content: { text: { body: 'STOP' } } },
    ],
    [
      'an id, the words, and the sealed envelope that they came in',
      {
        editedMessageId: 'm1',
        body: 'STOP',
        _data: { message: { secretEncryptedMessage: { targetMessageKey: { id: 'm1' } } } },
      },
    ],
    [
      'WhatsApp’s own envelope',
      {
        type: 'unknown',
        message: { protocolMessage: { key: { id: 'm1' }, type: 14, editedMessage: { conversation: 'STOP' } } },
      },
    ],
    [
      'the same in another one, of a longer text',
      {
        type: 'protocol',
        _data: {
          message: {
            editedMessage: {
              message: {
                protocolMessage: {
                  key: { id: 'm1' },
                  type: 'MESSAGE_EDIT',
                  editedMessage: { extendedTextMessage: { text: 'STOP' } },
                },
              },
            },
          },
        },
      },
    ],
    [
      'the same of a picture’s caption, at the top',
      { protocolMessage: { key: { id: 'm1' }, editedMessage: { message: { imageMessage: { caption: 'STOP' } } } } },
    ],
    [
      'the library’s own update',
      { key: { id: 'm1' }, update: { message: { editedMessage: { message: { conversation: 'STOP' } } } } },
    ],
    ['another name of it, of another chat', { type: 'edited', original_message_id: 'm1', body: 'STOP' }],
  ])('reads the new words of a message that was changed: %s', (_, fields) => {
    expect(message({ ...base, id: 'm2', ...fields })).toMatchObject({
      id: 'm2',
      revises: 'm1',
      type: 'text',
      text: 'STOP',
    });
  });

  it('knows nested words under the message’s own id for a change of it', () => {
    const fields = { type: 'text', edited: { text: { body: 'STOP' } } };
    expect(message({ ...base, ...fields, text: undefined })).toMatchObject({ id: 'm1', revises: 'm1', text: 'STOP' });
    expect(message({ ...base, ...fields, body: 'yes' })).toMatchObject({ id: 'm1', revises: 'm1', text: 'STOP' });
  });

  it('takes a message that was deleted, or says that it was edited once, for no change of words', () => {
    const deleted = { type: 'unknown', message: { protocolMessage: { key: { id: 'm1' }, type: 'REVOKE' } } };
    expect(message({ ...base, id: 'm2', ...deleted }).revises).toBeUndefined();
    expect(message({ ...base, type: 'text', body: 'Hi', edited: true }).revises).toBeUndefined();
  });

  it.each([
    [
      'an envelope of what has no words',
      {
        type: 'unknown',
        message: { protocolMessage: { key: { id: 'm1' }, type: 14, editedMessage: { stickerMessage: {} } } },
      },
    ],
    ['an envelope that is empty', { message: { protocolMessage: { key: { id: 'm1' }, type: 14 } } }],
    ['nested words that are none', { editedMessageId: 'm1', edited_content: { picture: {} } }],
    ['sealed', { secretEncryptedMessage: { targetMessageKey: { id: 'm1' }, encPayload: 'kulu' } }],
    ['sealed within', { type: 'unknown', message: { secretEncryptedMessage: { targetMessageKey: { ID: 'm1' } } } }],
    ['empty', { type: 'action', action: { type: 'edit', target: 'm1' } }],
  ])('tells that a message was changed, though nobody here can read to what: %s', (_, fields) => {
    const item = message({ ...base, id: 'm2', ...fields });
    expect(item).toMatchObject({ revises: 'm1', type: 'edit' });
    expect([item.text, mayActOn(item)]).toEqual([undefined, false]);
  });

  it('never throws on any JSON, and never invents an item', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('messages.post', 'statuses.post', 'chats.post', 'x'),
        (value, event) => {
          for (const body of [
            value,
            { event, messages: value, statuses: value, chats: value },
            { messages: [value] },
          ]) {
            const { items } = read(body, event);
            for (const item of items) expect(item.at).toMatch(/^\d{4}-/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('acting', () => {
  const may = (fields: object) => mayActOn(message({ ...base, type: 'text', body: 'x', ...fields }));
  it('only on what one person wrote to us', () => {
    expect(may({})).toBe(true);
    expect(may({ type: 'image' })).toBe(true);
    expect(may({ chat_type: 'contact' })).toBe(true);
    for (const type of [undefined, null, '']) expect(may({ type })).toBe(true);
  });
  it.each([
    ['our own message', { from_me: true }],
    ['our own message as text', { from_me: 'true' }],
    ['a message that does not say whose it is', { from_me: null }],
    ['a group', { chat_id: '1203630@g.us' }],
    ['a channel', { chat_id: '1203630@newsletter' }],
    ['a status update', { chat_id: 'status@broadcast' }],
    ['a group by its type', { chat_type: 'group' }],
    ['system noise', { type: 'system' }],
    ['a reaction', { type: 'action', action: { type: 'reaction', emoji: '👍' } }],
    ['a call', { type: 'call' }],
    ['an unknown type without words', { type: 'unknown', body: undefined }],
    ['an unknown type of ours', { type: 'unknown', from_me: true }],
  ])('never on %s', (_, fields) => {
    expect(may(fields)).toBe(false);
  });
});
