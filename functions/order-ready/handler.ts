import { oneSendHandler } from '../shared/door/one-send.ts';
import type { OrderReadyConfig } from './config.ts';
import type { OrderReady } from './schema.ts';
import * as sources from './sources.ts';
import { times } from './times.ts';
import { announce, orderKey } from './workflow.ts';

export const handler = await oneSendHandler<OrderReady, OrderReadyConfig>({
  name: 'order-ready',
  sources,
  keyOf: orderKey,
  times,
  sendOf: announce,
});
