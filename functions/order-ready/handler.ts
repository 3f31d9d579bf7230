import { answersNamed } from '../shared/door/answers.ts';
import { noteOf, tellCrm } from '../shared/door/tell-crm.ts';
import { templateHandler } from '../shared/door/template-handler.ts';
import { becauseOf, queueSend, type SendCommand, usefulUntil } from '../shared/ledger/send-command.ts';
import { env, readConfig } from '../shared/runtime/config.ts';
import { log } from '../shared/runtime/log.ts';
import type { OrderReadyConfig } from './config.ts';
import { type Alarm, Orders } from './orders.ts';
import type { OrderEvent } from './schema.ts';
import * as sources from './sources.ts';
import { store } from './store.ts';
import { ofEarlierRelease, times } from './times.ts';
import { assertTold, isReadyAlone, updateBy, updatesOn } from './updates.ts';
import { orderKey } from './workflow.ts';

const config = readConfig<OrderReadyConfig>('order-ready', ['sources', 'usefulFor', 'maxOrderAge']);
const send = (command: SendCommand): Promise<void> => queueSend(env('SENDS_QUEUE_URL'), config.lineId, command);
const until = (occurredAt: string, usefulFor: string): string => usefulUntil(occurredAt, usefulFor, config.sendWindow);
const updates = updatesOn(config).flatMap((name) => updateBy(config, name) ?? []);
const orders = new Orders({ config, ...store, send, log, now: Date.now });

export const handler = await templateHandler<OrderEvent>({
  name: 'order-ready',
  sources,
  settings: config.sources,
  times,
  assertMeant: (event) => assertTold(event, config),
  async onEvent(told) {
    const event = ofEarlierRelease(told);
    const [command] = await orders.onEvent(event);
    const answers = answersNamed(event.answers, config.answers);
    // One note for an order, whichever of its steps comes first.
    const note = command && answers.length > 0 && noteOf(command, { name: event.name, answers });
    if (note) await tellCrm({ ...note, key: orderKey(event.id) });
  },
  onAlarm: (alarm) => orders.onAlarm(alarm as Alarm),
  async onLost({ id, source, occurredAt, state, reason, about }) {
    // What only takes something back, or tells what the client file does not, is no loss. What says no update was to be ready.
    const { update } = (about ?? {}) as Partial<OrderEvent>;
    const found = updateBy(config, update ?? 'ready');
    if (
      about !== undefined &&
      ((update === undefined && 'phones' in Object(about)) || (update !== undefined && !found))
    )
      return;
    const [key, asOf] = [orderKey(id, update), occurredAt];
    await send({
      key,
      template: 'order-ready',
      asOf,
      usefulUntil: until(asOf, found?.usefulFor ?? config.usefulFor),
      because: becauseOf(source, update ?? 'ready', id, occurredAt),
      outcome: { state, reason },
    });
  },
  // Which update it will be only the shop's answer tells: the one that helps longest.
  isLate: (occurredAt) => updates.every(({ usefulFor }) => Date.now() > Date.parse(until(occurredAt, usefulFor))),
  warmUps: isReadyAlone(config) ? [] : [() => store.stories.read('warm-up')],
});
