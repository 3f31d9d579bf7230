import { oneSendHandler } from '../shared/door/one-send.ts';
import type { OrderReadyConfig } from './config.ts';
import type { OrderReady } from './schema.ts';
import * as sources from './sources.ts';
import { announce, orderKey } from './workflow.ts';

export const handler = await oneSendHandler<OrderReady, OrderReadyConfig>({
  name: 'order-ready',
  sources,
  keyOf: orderKey,
  sendOf: announce,
});
