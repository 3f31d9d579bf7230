import { templateHandler } from '../shared/door/template-handler.ts';
import { after, queueSend, type SendCommand } from '../shared/ledger/send-command.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import type { OrderReadyConfig } from './config.ts';
import * as sources from './sources.ts';
import { announce, orderKey } from './workflow.ts';

const config = readConfig<OrderReadyConfig>();
const send = (command: SendCommand): Promise<void> => queueSend(env('SENDS_QUEUE_URL'), config.lineId, command);
const usefulUntil = (occurredAt: string): string => after(occurredAt, config.usefulFor);

export const handler = await templateHandler({
  name: 'order-ready',
  sources,
  settings: config.sources,
  onEvent: (order) => send(announce(order, config, Date.now())),
  onLost: ({ id, occurredAt, state, reason }) =>
    send({
      key: orderKey(id),
      template: 'order-ready',
      asOf: occurredAt,
      usefulUntil: usefulUntil(occurredAt),
      outcome: { state, reason },
    }),
  isLate: (occurredAt) => Date.now() > Date.parse(usefulUntil(occurredAt)),
});
