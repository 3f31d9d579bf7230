import { expect, it } from 'vitest';
import { shown } from '../../cli/trigger/dry.ts';
import type { Order } from '../../cli/trigger/trigger.ts';
import type { PlannedSend } from '../../functions/shared/door/template.ts';

const NOW = Date.parse('2026-11-26T10:00:00Z');
const hours = [{ days: ['mon'], from: '09:00', to: '10:00' }];
const order = {
  target: { url: 'http://127.0.0.1:1', client: { zone: 'Asia/Jerusalem', sendWindow: { hours, closed: [] } } },
  placed: { template: 't', source: 's' },
  template: {},
  source: { sign: (body: string) => ({ headers: {}, body }) },
} as unknown as Order;
const event = { headers: {}, body: '{}', ends: [], held: [] };
const outcome = { path: '/messages/text', body: '{"to":"+972501234567"}' } as const;
const send: PlannedSend = { at: NOW, command: { key: 'k', template: 't', asOf: '', usefulUntil: '', outcome } };
const hoursLine = /begin at 2026-11-30T07:00:00\.000Z; what is of no use by then: EXPIRED outside_send_window/;

it('--dry says what the client’s hours make of an event, also where the rest is looked up', () => {
  expect(shown(order, event, { sends: [send], isLookedUp: false, ownId: String }, NOW).text).toMatch(hoursLine);
  expect(shown(order, event, { sends: [], isLookedUp: true, ownId: String }, NOW).text).toMatch(hoursLine);
  expect(shown(order, event, { sends: [], isLookedUp: false, ownId: String }, NOW).text).not.toMatch(hoursLine);
});
