import { describe, expect, it } from 'vitest';
import type { OrderEvent, Part } from '../../functions/order-ready/schema.ts';
import * as sources from '../../functions/order-ready/sources.ts';
import { times } from '../../functions/order-ready/times.ts';
import { parsedSample } from '../sample-events.ts';

type Input = Parameters<typeof sources.woocommerce.settings.parse>[0];

const RECEIVED = Date.parse('2026-11-25T10:00:00Z');
const MAP = {
  'ready-pickup': 'ready',
  processing: 'confirmed',
  shipped: 'shipped',
  'partial-shipped': 'shipped',
  completed: 'delivered',
};

/** What is made of a body at the door. */
const parsed = (body: object, settings: object = { statuses: MAP }, topic = 'order.updated') => {
  const raw = Buffer.from(JSON.stringify(body));
  const request = { method: 'POST', headers: { 'x-wc-webhook-topic': topic }, query: {}, raw, receivedAt: RECEIVED };
  return sources.woocommerce.parse(request, sources.woocommerce.settings.parse(settings));
};

const eventOf = (body: object, settings?: object): OrderEvent => {
  const [item] = parsed(body, settings);
  if (!item || !('event' in item)) throw new Error(`no event but ${JSON.stringify(item)}`);
  return item.event;
};

const order = (more: object) => ({
  id: 512,
  parent_id: 0,
  number: '512',
  status: 'shipped',
  date_created_gmt: '2026-11-20T08:00:00',
  date_modified_gmt: '2026-11-25T09:59:00',
  billing: { first_name: 'Dana', phone: '050-123-4567', country: 'IL' },
  ...more,
});

const meta = (fields: object) => Object.entries(fields).map(([key, value], i) => ({ id: 8800 + i, key, value }));
const withMeta = (fields: object, more: object = {}) => order({ meta_data: meta(fields), ...more });
/** Parcels without what they do not have. */
const partsOf = (body: object, settings?: object): Part[] =>
  JSON.parse(JSON.stringify(eventOf(body, settings).parts ?? []));
const numbersOf = (body: object, settings?: object) => partsOf(body, settings).map(({ number }) => number);

describe('what is read of an order', () => {
  const IL = [{ raw: '050-123-4567', country: 'IL' }];
  const ROSES = { total: { amount: '89.00', currency: 'ILS' }, items: [{ name: 'Roses', quantity: 1 }] };

  it.each<[sample: string, event: object, settings: object]>([
    [
      'ready-pickup',
      {
        id: '10440001',
        update: 'ready',
        isState: true,
        number: '10440001',
        name: 'Dana',
        phones: [...IL, { country: 'IL' }],
        statusUrl: 'https://shop.example/checkout/order-received/10440001/?key=wc_order_demo10440001',
        ...ROSES,
        happenedAt: '2026-11-22T09:59:30.000Z',
        placedAt: '2026-11-22T07:00:00.000Z',
        updatedAt: '2026-11-22T09:59:30.000Z',
        repeats: true,
      },
      { statuses: ['ready-pickup'], storeUrl: 'https://shop.example' },
    ],
    [
      'completed',
      {
        id: '10450001',
        update: 'ready',
        isState: true,
        number: '10450001',
        name: 'Dana',
        phones: [{ raw: '+972501234567', country: 'IL' }, { country: 'IL' }],
        ...ROSES,
        // When it was completed, in UTC; the site itself is two hours ahead.
        happenedAt: '2026-11-22T09:59:20.000Z',
        exact: true,
        placedAt: '2026-11-02T10:00:00.000Z',
        updatedAt: '2026-11-22T09:59:30.000Z',
      },
      { statuses: ['completed'], pickup: 'any' },
    ],
  ])('sample %s', (sample, event, settings) => {
    expect(parsedSample('order-ready', sources, 'woocommerce', sample, settings)).toEqual([{ event }]);
  });

  it('the country of the other address where the shop knows only that one', () => {
    const billing = { first_name: 'Dana', phone: '050-123-4567', country: '' };
    expect(eventOf(order({ billing, shipping: { phone: '', country: 'SA' } })).phones).toEqual([
      { raw: '050-123-4567', country: 'SA' },
      { raw: undefined, country: 'SA' },
    ]);
  });

  it('its items without the pieces of what was sold as one, and its total', () => {
    const line_items = [
      { name: 'Picnic box', quantity: '2', meta_data: meta({ _bundled_items: ['a'] }) },
      { name: 'Blanket', quantity: 2, meta_data: meta({ _bundled_by: 'b1' }) },
      { name: 'Roses &amp; ferns', quantity: 1 },
      null,
      { name: '', quantity: 1 },
    ];
    const { items, total } = eventOf(order({ line_items, total: '120.50', currency: 'EUR' }));
    expect(items).toEqual([
      { name: 'Picnic box', quantity: 2 },
      { name: 'Roses & ferns', quantity: 1 },
    ]);
    expect(total).toEqual({ amount: '120.50', currency: 'EUR' });
  });

  it('the address of a document under the key that the client file names, if it is https', () => {
    const settings = { statuses: MAP, documentKey: '_invoice' };
    const urlIn = (_invoice: unknown) => eventOf(withMeta({ _invoice }), settings).documentUrl;
    expect(urlIn('https://shop.example/invoice/512.pdf')).toBe('https://shop.example/invoice/512.pdf');
    for (const other of ['http://shop.example/1.pdf', '/var/www/1.pdf', '', 7, ['x'], { a: 1 }]) {
      expect(urlIn(other)).toBeUndefined();
    }
    expect(eventOf(withMeta({ _invoice: 'https://shop.example/1.pdf' })).documentUrl).toBeUndefined();
  });

  it('an "order" that a plug-in adds of its own does no harm; the legacy body is named, with the setting to change', () => {
    expect(eventOf(order({ order: {} })).phones).toMatchObject([{ raw: '050-123-4567' }, {}]);
    const legacy = { order: { id: 645, order_number: 645, status: 'completed', billing_address: {} } };
    expect(() => parsed(legacy)).toThrow(
      expect.objectContaining({ reason: 'legacy_api_version', message: expect.stringContaining('WP REST API') }),
    );
    expect(() => parsed({ order: 645 })).toThrow(expect.objectContaining({ reason: 'wrong_shape' }));
  });

  it('what WooCommerce sends in an order’s place when the user of the webhook was deleted is named', () => {
    const message = 'Sorry, you cannot view this resource.';
    expect(() => parsed({ code: 'woocommerce_rest_cannot_view', message, data: { status: 401 } })).toThrow(
      expect.objectContaining({ reason: 'webhook_user_gone', message: expect.stringContaining('another user') }),
    );
  });
});

describe('what a status means', () => {
  it('a list names those that mean ready, a map the update of each; all others mean nothing', () => {
    expect(eventOf(order({ status: 'ready-pickup' }), { statuses: ['ready-pickup'] }).update).toBe('ready');
    for (const [status, update] of Object.entries(MAP)) expect(eventOf(order({ status })).update).toBe(update);
    for (const status of ['pending', 'on-hold', 'failed', 'packed', 'constructor', '__proto__']) {
      expect(parsed(order({ status }))).toEqual([]);
    }
  });

  it('is that of its slug, however it is encoded', () => {
    const settings = { statuses: { 'מוכן-לאיסוף': 'ready', '%d7%9e%d7%95%d7%9b%d': 'own' } };
    const encoded = encodeURIComponent('מוכן-לאיסוף').toLowerCase();
    expect(eventOf(order({ status: encoded }), settings).update).toBe('ready');
    expect(eventOf(order({ status: `wc-${encoded.toUpperCase()}` }), settings).update).toBe('ready');
    // A status has 20 places in WordPress: one that was cut off within a letter is known as it stands.
    expect(eventOf(order({ status: '%d7%9e%d7%95%d7%9b%d' }), settings).update).toBe('own');
  });

  it.each([
    ['cancelled', 'order_cancelled', 'cancelled'],
    ['trash', 'order_cancelled', undefined],
    ['refunded', 'order_refunded', undefined],
  ])('%s ends what waits, in a client file that names it or not', (status, ends, update) => {
    for (const settings of [{ statuses: MAP }, { statuses: ['ready-pickup'] }]) {
      expect(eventOf(order({ status }), settings)).toMatchObject({
        ends,
        update,
        happenedAt: '2026-11-25T09:59:00.000Z',
      });
    }
    expect(eventOf(order({ status }), { statuses: { [status]: 'gone' } })).toMatchObject({ ends, update: 'gone' });
  });

  it('failed ends nothing, for the customer’s next card pays; it is told if the map says so', () => {
    expect(parsed(order({ status: 'failed' }))).toEqual([]);
    const event = eventOf(order({ status: 'failed' }), { statuses: { failed: 'payment-failed' } });
    expect([event.update, event.ends]).toEqual(['payment-failed', undefined]);
  });

  it('a cart at the checkout and a draft are no order', () => {
    for (const status of ['checkout-draft', 'auto-draft', 'draft', 'new', 'wc-checkout-draft']) {
      expect(parsed(order({ status }))).toEqual([]);
    }
  });

  it('an order in the trash ends what waits of it, by its id alone', () => {
    expect(parsed({ id: 512 }, undefined, 'order.deleted')).toEqual([
      {
        event: {
          id: '512',
          ends: 'order_cancelled',
          number: '512',
          phones: [],
          happenedAt: '2026-11-25T10:00:00.000Z',
        },
      },
    ]);
    expect(() => parsed({}, undefined, 'order.deleted')).toThrow(expect.objectContaining({ reason: 'wrong_shape' }));
    expect(parsed({ action: 'x', arg: 1 }, undefined, 'action.x')).toEqual([]);
  });

  it('every body says how the order stands', () => {
    for (const status of [...Object.keys(MAP), 'cancelled', 'refunded']) {
      expect(eventOf(order({ status })).isState).toBe(true);
    }
  });

  it('a partial refund changes nothing of what a status means', () => {
    const refunds = [{ id: 913, reason: 'Too small', total: '-10.00' }];
    const body = { status: 'processing', total: '89.00', currency: 'ILS' };
    expect(eventOf(order({ ...body, refunds }))).toEqual(eventOf(order({ ...body, refunds: [] })));
  });
});

describe('when it happened', () => {
  const timesOf = (body: object, settings?: object) => {
    const { happenedAt, exact, repeats } = eventOf(order(body), settings);
    return [happenedAt, exact, repeats];
  };
  const MODIFIED = '2026-11-25T09:59:00.000Z';

  it.each([
    ['completed', '2026-11-22T10:00:00', true, undefined],
    ['completed', null, undefined, undefined],
    ['processing', '2026-11-22T10:00:00', undefined, undefined],
    ['on-hold', null, undefined, undefined],
    ['ready-pickup', '2026-11-22T10:00:00', undefined, true],
    ['wc-ready-pickup', null, undefined, true],
  ])('%s, completed at %s: exact is %s, and repeated with every save %s', (status, at, exact, repeats) => {
    const settings = { statuses: [status.replace('wc-', '')], pickup: 'any' };
    expect(timesOf({ status, date_completed_gmt: at }, settings).slice(1)).toEqual([exact, repeats]);
  });

  it('an order was confirmed when it was paid, else when it was placed: an edit is no news', () => {
    const paid = { status: 'processing', date_paid_gmt: '2026-11-20T08:01:00' };
    expect(timesOf(paid)).toEqual(['2026-11-20T08:01:00.000Z', true, undefined]);
    expect(timesOf({ ...paid, date_paid_gmt: null })).toEqual(['2026-11-20T08:00:00.000Z', true, undefined]);
    expect(timesOf({ ...paid, date_paid_gmt: null, date_created_gmt: null })).toEqual([MODIFIED, undefined, undefined]);
  });

  it('a parcel that went after the order was completed is as new as it is, and never newer than the save', () => {
    const parcel = (date_shipped: unknown) => ({
      status: 'completed',
      date_completed_gmt: '2026-11-23T10:00:00',
      meta_data: meta({ _wc_shipment_tracking_items: [{ tracking_number: 'BC-1002', date_shipped }] }),
    });
    const at = (text: string) => String(Date.parse(text) / 1000);
    expect(timesOf(parcel(undefined))[0]).toBe('2026-11-23T10:00:00.000Z');
    expect(timesOf(parcel(at('2026-11-25T08:00:01Z')))[0]).toBe('2026-11-25T08:00:01.000Z');
    expect(timesOf(parcel(Number(at('2026-11-25T08:00:01Z'))))[0]).toBe('2026-11-25T08:00:01.000Z');
    // No more than the day was typed.
    expect(timesOf(parcel(at('2026-11-24T00:00:00Z')))[0]).toBe('2026-11-25T00:00:00.000Z');
    expect(timesOf(parcel('2026-11-24'))[0]).toBe('2026-11-25T00:00:00.000Z');
    expect(timesOf(parcel(at('2027-01-01T00:00:00Z')))[0]).toBe(MODIFIED);
    expect(timesOf(parcel(at('2026-11-20T00:00:00Z')))[0]).toBe('2026-11-23T10:00:00.000Z');
    for (const odd of ['yesterday', '', {}, -1, '99999999999999']) {
      expect(timesOf(parcel(odd))[0]).toBe('2026-11-23T10:00:00.000Z');
    }
    expect(timesOf(parcel('2026-11-25'))[1]).toBe(true);
  });
});

describe('ready for pickup means pickup', () => {
  const READY = { statuses: ['ready-pickup', 'completed'] };
  const lines = (...shipping_lines: object[]) => order({ status: 'completed', shipping_lines });
  const outcome = (body: object, pickup: unknown) => {
    const [item] = parsed(body, { ...READY, pickup });
    return item && 'skipped' in item ? item.skipped : item && 'event' in item && item.event.update;
  };

  it('a status of WooCommerce’s own that means ready needs the rule, and the client file is told why', () => {
    const messageOf = (settings: object) =>
      sources.woocommerce.settings
        .safeParse(settings)
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
        .join();
    expect(messageOf({ statuses: ['completed'] })).toMatch(
      /^pickup: is missing: completed means ready here, .* sent, or hold only downloads, .*methods: \['local_pickup'/,
    );
    expect(messageOf({ statuses: { processing: 'ready' } })).toMatch(/^pickup: is missing: processing/);
    expect(messageOf({ statuses: { completed: 'delivered', 'ready-pickup': 'ready' } })).toBeUndefined();
    expect(messageOf({ statuses: ['completed'], pickup: 'any' })).toBeUndefined();
    expect(messageOf({ statuses: ['completed'], pickup: {} })).toBe("pickup: write methods, titles or both, or 'any'");
    expect(messageOf({ statuses: ['completed'], pickup: { methods: [] } })).toBeDefined();
  });

  it('by the method of any shipping line, whichever rate of it', () => {
    const pickup = { methods: ['local_pickup', 'pickup_location'] };
    expect(outcome(lines({ method_id: 'local_pickup:6', method_title: 'Abholung' }), pickup)).toBe('ready');
    expect(outcome(lines({ method_id: 'flat_rate' }, { method_id: 'pickup_location' }), pickup)).toBe('ready');
    expect(outcome(lines({ method_id: 'local_pickup_plus' }), pickup)).toBe('not_for_pickup');
    expect(outcome(lines({ method_id: 'flat_rate:3' }), pickup)).toBe('not_for_pickup');
    for (const none of [{}, { shipping_lines: [] }, { shipping_lines: null }, { shipping_lines: [null, 7] }]) {
      expect(outcome(order({ status: 'completed', ...none }), pickup)).toBe('not_for_pickup');
    }
  });

  it('by its title, compared loosely, with stars and without entities', () => {
    const pickup = { titles: ['click & collect*', 'איסוף עצמי', 'retirar na loja'] };
    const titled = (method_title: unknown) => outcome(lines({ method_id: 'flat_rate', method_title }), pickup);
    expect(titled('Click &amp; Collect (Old Town)')).toBe('ready');
    expect(titled('  איסוף  עצמי ')).toBe('ready');
    expect(titled('Retirar na Loja')).toBe('ready');
    expect(titled('Click, then we ship')).toBe('not_for_pickup');
    expect(titled(undefined)).toBe('not_for_pickup');
  });

  it('a plug-in’s own status is restricted only where the rule is written, and other updates never', () => {
    const sent = order({ status: 'ready-pickup', shipping_lines: [{ method_id: 'flat_rate' }] });
    const pickup = { methods: ['local_pickup'] };
    expect(eventOf(sent, { statuses: ['ready-pickup'] }).update).toBe('ready');
    expect(outcome(sent, pickup)).toBe('not_for_pickup');
    expect(eventOf({ ...sent, status: 'shipped' }, { statuses: MAP, pickup }).update).toBe('shipped');
  });

  it('where it waits is said by the lines that are collected', () => {
    const at = (fields: object, method_id = 'pickup_location') => ({ method_id, meta_data: meta(fields) });
    const both = lines(
      { method_id: 'flat_rate', meta_data: meta({ pickup_location: 'nowhere' }) },
      at({ pickup_location: 'Old Town &amp; Quay', pickup_address: '3 Quay St' }),
    );
    const pickup = { methods: ['pickup_location', 'local_pickup_plus'] };
    expect(eventOf(both, { ...READY, pickup }).location).toBe('Old Town & Quay');
    const plus = lines(at({ _pickup_location_name: 'Haifa', _pickup_location_id: 3 }, 'local_pickup_plus'));
    expect(eventOf(plus, { ...READY, pickup: 'any' }).location).toBe('Haifa');
  });
});

describe('what a client file may say', () => {
  it.each<[string, object, RegExp]>([
    ['no status', { statuses: [] }, /^statuses: write one status at least/],
    ['an empty map', { statuses: {} }, /^statuses: write one status at least/],
    ['a prefix', { statuses: ['wc-ready'] }, /^statuses\.0: write the status slug without wc-/],
    ['a prefix in a map', { statuses: { 'wc-x': 'ready' } }, /^statuses\.wc-x: write the status slug/],
    ['a label', { statuses: { 'Ready for pickup': 'ready' } }, /^statuses\.Ready for pickup: write the status slug/],
    ['a cart', { statuses: { 'checkout-draft': 'confirmed' } }, /checkout-draft is no order yet/],
    ['an end that goes on', { statuses: { cancelled: 'ready' }, pickup: 'any' }, /cancelled ends an order/],
    ['nothing', {}, /^statuses: write statuses: a list .* or a group/],
    ['a tracking of no shape', { statuses: MAP, tracking: 'on' }, /^tracking: write 'off', or/],
  ])('%s is refused with what to write', (_, settings, message) => {
    const { error } = sources.woocommerce.settings.safeParse(settings as Input);
    expect(error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n')).toMatch(message);
  });
});

describe('parcels', () => {
  const TWO = [
    {
      tracking_provider: 'usps',
      custom_tracking_provider: '',
      custom_tracking_link: '',
      tracking_number: '9400111899560000000012',
      date_shipped: '1764028800',
      tracking_id: '7f4978c390ee633c6294ae0f258656f9',
    },
    {
      tracking_provider: '',
      custom_tracking_provider: 'Bella Couriers',
      custom_tracking_link: 'https://track.example/p/%1$s?z=1',
      tracking_number: 'BC-1002',
      date_shipped: 1764115200,
    },
  ];
  const FIRST = { id: '9400111899560000000012', carrier: 'USPS', number: '9400111899560000000012' };
  const SECOND = {
    id: 'BC1002',
    carrier: 'Bella Couriers',
    number: 'BC-1002',
    url: 'https://track.example/p/BC-1002?z=1',
  };

  it('of Shipment Tracking and Advanced Shipment Tracking: all of them, in a list or in an object with gaps', () => {
    expect(partsOf(withMeta({ _wc_shipment_tracking_items: TWO }))).toEqual([FIRST, SECOND]);
    expect(partsOf(withMeta({ _wc_shipment_tracking_items: { 1: TWO[1] } }))).toEqual([SECOND]);
    expect(partsOf(withMeta({ _wc_shipment_tracking_items: JSON.stringify(TWO) }))).toEqual([FIRST, SECOND]);
    const bare = [{ tracking_number: 1234567890 }];
    expect(partsOf(withMeta({ _wc_shipment_tracking_items: bare }))).toEqual([
      { id: '1234567890', number: '1234567890' },
    ]);
  });

  it.each<[string, object, object[]]>([
    [
      'of its old flat keys',
      { _tracking_provider: 'royal-mail', _tracking_number: 'RM 12 GB', _date_shipped: '1386720000' },
      [{ id: 'RM12GB', carrier: 'Royal Mail', number: 'RM 12 GB' }],
    ],
    [
      'of AfterShip',
      {
        _aftership_tracking_items: [
          { slug: 'dhl-express', tracking_number: 'RM0000012GB', additional_fields: {}, metrics: {} },
          { slug: 'fedex', tracking_number: '771234567890' },
        ],
        _aftership_tracking_number: 'RM0000012GB',
        _aftership_tracking_provider_name: 'dhl-express',
      },
      [
        { id: 'RM0000012GB', carrier: 'DHL Express', number: 'RM0000012GB' },
        { id: '771234567890', carrier: 'FedEx', number: '771234567890' },
      ],
    ],
    [
      'of ParcelPanel, by the number within',
      {
        _parcelpanel_shipping_numbers: JSON.stringify({
          DX777: { order_id: 512, tracking_number: 'DX777', courier_code: 'dtdc', fulfilled_at: 1764028800 },
          12: { order_id: 512, tracking_number: 987654, courier_code: 'gls' },
        }),
      },
      [
        { id: '987654', carrier: 'GLS', number: '987654' },
        { id: 'DX777', carrier: 'DTDC', number: 'DX777' },
      ],
    ],
    [
      'of YITH',
      {
        ywot_tracking_code: 'AB12',
        ywot_carrier_name: 'Bella Couriers',
        ywot_carrier_url: 'https://bella.example/AB12',
      },
      [{ id: 'AB12', carrier: 'Bella Couriers', number: 'AB12', url: 'https://bella.example/AB12' }],
    ],
    [
      'of DHL, with one number or several, and no path of the server',
      {
        _pr_shipment_dhl_label_tracking: { tracking_number: ['JJD01', 'JJD02'], label_path: '/var/www/label.pdf' },
      },
      [
        { id: 'JJD01', carrier: 'DHL', number: 'JJD01' },
        { id: 'JJD02', carrier: 'DHL', number: 'JJD02' },
      ],
    ],
    [
      'of Correios, with commas between',
      { _correios_tracking_code: 'AA1BR, AA2BR,' },
      [
        { id: 'AA1BR', carrier: 'Correios', number: 'AA1BR' },
        { id: 'AA2BR', carrier: 'Correios', number: 'AA2BR' },
      ],
    ],
    [
      'of Csomagpontok',
      { _vp_woo_pont_parcel_number: 'HU777', _vp_woo_pont_provider: 'foxpost' },
      [{ id: 'HU777', carrier: 'Foxpost', number: 'HU777' }],
    ],
  ])('%s', (_, fields, parts) => {
    expect(partsOf(withMeta(fields))).toEqual(parts);
  });

  it('of Orders Tracking: the last of a line’s history, each of its other pieces, and none twice', () => {
    const one = (tracking_number: string, more: object = {}) => ({
      tracking_number,
      carrier_slug: 'gls',
      carrier_url: 'https://gls.example/{tracking_number}',
      carrier_name: 'GLS',
      time: 1764028800,
      ...more,
    });
    const line = (history: object[], pieces: object[] = []) => ({
      name: 'Shirt',
      meta_data: meta({
        _vi_wot_order_item_tracking_data: JSON.stringify(history),
        _vi_wot_order_item_tracking_data_by_quantity: JSON.stringify(pieces),
      }),
    });
    const line_items = [
      line([one('GLS100'), one('GLS200')], [one('GLS101'), one('')]),
      line([one('GLS200')]),
      line([one('GLS300'), one('')]),
    ];
    expect(partsOf(order({ line_items }))).toEqual([
      { id: 'GLS200', carrier: 'GLS', number: 'GLS200', url: 'https://gls.example/GLS200' },
      { id: 'GLS101', carrier: 'GLS', number: 'GLS101', url: 'https://gls.example/GLS101' },
    ]);
  });

  it('one parcel under several keys is one, with what each of them knows', () => {
    const body = withMeta({
      _wc_shipment_tracking_items: [{ tracking_number: 'ab 12-34', tracking_provider: '' }],
      _aftership_tracking_items: [{ tracking_number: 'AB1234', slug: 'dpd-uk' }],
      _tracking_number: 'Ab-1234',
      _custom_tracking_link: 'https://dpd.example/AB1234',
    });
    expect(partsOf(body)).toEqual([
      { id: 'AB1234', number: 'ab 12-34', carrier: 'DPD UK', url: 'https://dpd.example/AB1234' },
    ]);
  });

  it('what was bought is a parcel only where nothing else is said, and not if it was given back', () => {
    const wcshipping_labels = [
      { label_id: 1, tracking: '9400111', carrier_id: 'usps', status: 'PURCHASED' },
      { label_id: 2, tracking: '9400222', carrier_id: 'usps', status: 'PURCHASED', refund: { status: 'pending' } },
      { label_id: 3, tracking: '9400333', carrier_id: 'usps', error: 'x' },
      { label_id: 4, tracking: '9400444', carrier_id: 'usps', status: 'PURCHASE_IN_PROGRESS' },
    ];
    expect(numbersOf(withMeta({ wcshipping_labels }))).toEqual(['9400111']);
    expect(numbersOf(withMeta({ wc_connect_labels: JSON.stringify(wcshipping_labels) }))).toEqual(['9400111']);
    expect(numbersOf(withMeta({ wcshipping_labels, ywot_tracking_code: 'AB12' }))).toEqual(['AB12']);
    expect(eventOf(withMeta({ wcshipping_labels })).isAllParts).toBeUndefined();
  });

  it('a carrier without a number is none, and so is what people write for want of one', () => {
    for (const tracking_number of ['', ' ', '-', '0', '000', 'n/a', 'collected', 'tbd', 12, null, {}, true]) {
      const item = { tracking_provider: 'usps', tracking_number };
      expect(numbersOf(withMeta({ _wc_shipment_tracking_items: [item], ywot_carrier_name: 'Bella' }))).toEqual([]);
    }
  });

  it.each([
    ['https://t.example/%1$s', 'https://t.example/A%2F1'],
    ['https://t.example/?n={tracking_number}&amp;l=1', 'https://t.example/?n=A%2F1&l=1'],
    ['https://t.example/a%20b', 'https://t.example/a%20b'],
    ['https://t.example/%1$s/%2$s', undefined],
    ['https://t.example/%1$s?p={postal_code}', undefined],
    ['A/1', undefined],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: not one
    ['https://t.example/${x}', undefined],
    ['javascript:alert(1)', undefined],
    ['http://t.example/1', undefined],
    ['https://', undefined],
    [['https://t.example'], undefined],
  ])('the link %s becomes %s', (custom_tracking_link, url) => {
    const body = withMeta({ _wc_shipment_tracking_items: [{ tracking_number: 'A/1 2', custom_tracking_link }] });
    expect(partsOf(body)[0]?.url).toBe(url?.replace('A%2F1', 'A%2F12'));
  });

  it('are all that there are where a key of them could be read, empty or not; a key that is not there says nothing', () => {
    const all = (fields: object) => {
      const { parts, isAllParts } = eventOf(withMeta(fields));
      return [parts?.length, isAllParts];
    };
    expect(all({ _wc_shipment_tracking_items: TWO })).toEqual([2, true]);
    for (const none of [[], {}, '', '[]', '{}', null]) {
      expect(all({ _wc_shipment_tracking_items: none })).toEqual([0, true]);
      expect(all({ _parcelpanel_shipping_numbers: none })).toEqual([0, true]);
    }
    expect(all({})).toEqual([undefined, undefined]);
    expect(all({ _wc_shipment_tracking_items: TWO, _parcelpanel_shipping_numbers: '{"DX7' })).toEqual([2, undefined]);
    // The first of several.
    expect(all({ _aftership_tracking_number: 'RM12' })).toEqual([1, undefined]);
  });

  it('of the shop’s own key: a text with commas, of the order, of its lines or its shipping, and of no other key', () => {
    const tracking = { key: 'my_codes', carrier: 'my_carrier', url: 'my_url' };
    const settings = { statuses: MAP, tracking };
    const fields = {
      my_codes: 'A100, A200',
      my_carrier: 'Bella',
      my_url: 'https://b.example/{number}',
      ywot_tracking_code: 'X99',
    };
    expect(partsOf(withMeta(fields), settings)).toEqual([
      { id: 'A100', carrier: 'Bella', number: 'A100', url: 'https://b.example/A100' },
      { id: 'A200', carrier: 'Bella', number: 'A200', url: 'https://b.example/A200' },
    ]);
    expect(numbersOf(order({ line_items: [{ name: 'x', meta_data: meta({ my_codes: 'A300' }) }] }), settings)).toEqual([
      'A300',
    ]);
    expect(numbersOf(order({ shipping_lines: [{ meta_data: meta({ my_codes: 'A400' }) }] }), settings)).toEqual([
      'A400',
    ]);
    expect(numbersOf(withMeta({ my_codes: TWO }), settings)).toEqual(['9400111899560000000012', 'BC-1002']);
    expect(eventOf(withMeta(fields), { statuses: MAP, tracking: 'off' }).parts).toBeUndefined();
  });

  it('are told of what is sent and of a shop’s own steps, not of what is confirmed or ready', () => {
    const fields = { ywot_tracking_code: 'AB12' };
    const settings = { statuses: { ...MAP, customs: 'in-customs' } };
    const has = (status: string) => numbersOf(withMeta(fields, { status }), settings).length;
    expect(['shipped', 'completed', 'customs', 'processing', 'ready-pickup'].map(has)).toEqual([1, 1, 1, 0, 0]);
  });

  it('whatever stands in the place of any of it, nothing is thrown', () => {
    const odd = [null, 0, '', 'x', '{', '[', '{"a":', [], {}, [[]], [null], [{}], { a: null }, true, '[1,[2,{"x":3}]]'];
    const keys = [
      '_wc_shipment_tracking_items',
      '_parcelpanel_shipping_numbers',
      'ywot_tracking_code',
      'wcshipping_labels',
    ];
    for (const value of odd) {
      for (const key of keys) expect(() => eventOf(withMeta({ [key]: value }))).not.toThrow();
      const line = { name: 'x', meta_data: meta({ _vi_wot_order_item_tracking_data: value }) };
      expect(() => eventOf(order({ line_items: [line] }))).not.toThrow();
      expect(() => eventOf(order({ meta_data: value, line_items: value, shipping_lines: value }))).not.toThrow();
      expect(() => eventOf(order({ meta_data: [value], line_items: [value], shipping_lines: [value] }))).not.toThrow();
    }
  });
});

describe('what is no purchase that somebody waits for', () => {
  const confirmed = (body: object) => eventOf(order({ status: 'processing', ...body })).kinds ?? [];
  const line = (fields: object) => ({ name: 'x', meta_data: meta(fields) });

  it.each<[string, object, string[]]>([
    ['an ordinary order', { created_via: 'checkout', needs_processing: true, line_items: [line({})] }, []],
    ['a renewal', { created_via: 'subscription' }, ['renewal']],
    [
      'a renewal by the checkout',
      { created_via: 'checkout', meta_data: meta({ _subscription_renewal: '1275' }) },
      ['renewal'],
    ],
    ['a sale of the app', { created_via: 'pos-rest-api' }, ['point-of-sale']],
    ['a sale at the counter', { created_via: 'point-of-sale' }, ['point-of-sale']],
    ['a position', { created_via: 'position' }, []],
    ['a test of WooPayments', { meta_data: meta({ _wcpay_mode: 'test' }) }, ['test']],
    ['a payment of WooPayments', { meta_data: meta({ _wcpay_mode: 'prod' }) }, []],
    ['downloads', { needs_processing: false, line_items: [line({})], shipping_lines: [] }, ['download']],
    ['products that are deleted by now', { needs_processing: false, line_items: [line({})], shipping_lines: [{}] }, []],
    ['no products', { needs_processing: false, line_items: [] }, []],
    [
      'gift cards',
      { line_items: [line({ pw_gift_card_to: 'a@shop.example' }), line({ _ywgc_amount: 5 })] },
      ['gift-card'],
    ],
    ['a gift card and a shirt', { line_items: [line({ pw_gift_card_to: 'a@shop.example' }), line({})] }, []],
    ['a deposit', { meta_data: meta({ _wc_deposits_order_has_deposit: 'yes' }) }, ['deposit']],
    [
      'a deposit of which the rest was paid',
      { meta_data: meta({ _awcdp_deposits_order_has_deposit: 'yes', _awcdp_deposits_second_payment_paid: 'yes' }) },
      [],
    ],
  ])('%s', (_, body, kinds) => {
    expect(confirmed(body)).toEqual(kinds);
  });

  it('what is made or sent on a deposit is sent like any other, and each of its payments is no order', () => {
    const meta_data = meta({ _wc_deposits_order_has_deposit: 'yes' });
    expect(eventOf(order({ status: 'shipped', meta_data })).kinds).toBeUndefined();
    const settings = { statuses: { 'partially-paid': 'confirmed' } };
    expect(eventOf(order({ status: 'partially-paid' }), settings).kinds).toEqual(['deposit']);
    const payment = meta({ _wc_deposits_payment_type: 'deposit' });
    expect(parsed(order({ parent_id: 9, status: 'completed', meta_data: payment }))).toEqual([
      { skipped: 'payment_of_a_deposit' },
    ]);
  });
});

describe('one purchase that a marketplace makes several orders of', () => {
  const whole = (more: object) => withMeta({ has_sub_order: '1' }, { id: 512, ...more });
  const part = (more: object, id = 513) =>
    order({ id, parent_id: 512, number: String(id), created_via: 'dokan', ...more });

  it('is confirmed by the whole, and not by its parts', () => {
    expect(eventOf(whole({ status: 'processing' }))).toMatchObject({ id: '512', update: 'confirmed' });
    expect(parsed(part({ status: 'processing' }))).toEqual([{ skipped: 'told_of_the_whole_order' }]);
  });

  it('is sent by its parts, under the number of the whole, and not by the whole', () => {
    expect(parsed(whole({ status: 'shipped' }))).toEqual([{ skipped: 'told_of_its_parts' }]);
    expect(parsed(whole({ status: 'completed' }))).toEqual([{ skipped: 'told_of_its_parts' }]);
    const event = eventOf(part({}));
    expect(event).toMatchObject({ id: '512', number: '512', update: 'shipped' });
    expect(partsOf(part({}))).toEqual([{ id: '513' }]);
    expect(
      partsOf(part({ status: 'ready-pickup', shipping_lines: [{ meta_data: meta({ pickup_location: 'Haifa' }) }] })),
    ).toEqual([{ id: '513', location: 'Haifa' }]);
  });

  it('a part’s first parcel is the same one before and after its number is known', () => {
    const sent = (...numbers: string[]) =>
      partsOf(part({ meta_data: meta({ _correios_tracking_code: numbers.join() }) })).map(({ id, number }) => [
        id,
        number,
      ]);
    expect(sent()).toEqual([['513', undefined]]);
    expect(sent('AA1BR')).toEqual([['513', 'AA1BR']]);
    expect(sent('AA1BR', 'AA2BR')).toEqual([
      ['513', 'AA1BR'],
      ['AA2BR', 'AA2BR'],
    ]);
  });

  it('how a part stands says nothing of the others', () => {
    const { isState, isAllParts } = eventOf(part({ meta_data: meta({ ywot_tracking_code: 'AB12' }) }));
    expect([isState, isAllParts]).toEqual([undefined, undefined]);
    expect(eventOf(whole({ status: 'processing' })).isState).toBeUndefined();
  });

  it.each(['cancelled', 'refunded', 'trash'])(
    'a part that is %s ends nothing of the whole but its own parcels',
    (status) => {
      const body = part({ status, meta_data: meta({ _correios_tracking_code: 'AA1BR,AA2BR' }) });
      const { id, update, ends, parts } = eventOf(body);
      expect([id, update, ends]).toEqual(['512', undefined, undefined]);
      expect(times(eventOf(body)).happened).toBe('2026-11-25T09:59:00.000Z');
      expect(parts).toEqual(['513', 'AA1BR', 'AA2BR'].map((one) => ({ id: one, isVoid: true })));
      expect(eventOf(whole({ status }))).toMatchObject({ id: '512', ends: expect.any(String) });
    },
  );

  it('no parent is 0, as a number or a text', () => {
    for (const parent_id of [0, '0', null, undefined, '']) expect(eventOf(order({ parent_id })).id).toBe('512');
  });
});
