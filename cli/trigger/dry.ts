import { nextOpening } from '../../functions/shared/hours/opening-hours.ts';
import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { type Event, ownHeaders, signedEvent } from '../../local/samples/event.ts';
import type { Preview } from './preview.ts';
import type { Foreseen, Order } from './trigger.ts';

const whenDue = (at: number, now: number): string => (at > now ? new Date(at).toISOString() : 'now');

/** What the sender may still make of it. */
const unless = ({ target, template }: Order, { sends, isLookedUp }: Preview, now: number): readonly string[] => {
  const { sendWindow, zone } = target.client;
  if (!isLookedUp && sends.every(({ command }) => !isRequest(command.outcome))) return [];
  const opening = sendWindow && nextOpening({ ...sendWindow, zone: sendWindow.zone ?? zone }, now);
  return [
    ...(opening !== undefined && opening > now
      ? [
          `what is due now waits for the client's hours, which begin at ${new Date(opening).toISOString()}; what is of no use by then: EXPIRED outside_send_window`,
        ]
      : []),
    ...(template.oncePerPerson
      ? ['nothing, if this number was written to before, or wrote lately: REJECTED touched_recently or in_conversation']
      : []),
  ];
};

const becomes = (order: Order, foreseen: Foreseen, now: number): readonly string[] => {
  if ('refused' in foreseen) return [`refused: ${foreseen.refused}`];
  const sends = foreseen.sends.map(({ at, command: { key, outcome } }) =>
    isRequest(outcome)
      ? `${whenDue(at, now)}  ${key}  ${outcome.path} ${outcome.body}`
      : `${whenDue(at, now)}  ${key}  ${outcome.state} ${outcome.reason}`,
  );
  const rest = foreseen.isLookedUp ? ['the rest is looked up at the vendor'] : [];
  return [...sends, ...rest, ...unless(order, foreseen, now)];
};

/** The request as it would be sent, without what proves it, and what would become of it. */
export const shown = (order: Order, event: Event, foreseen: Foreseen, now: number) => {
  const { placed, sourceName, source, target } = order;
  const made = signedEvent(event, source, { current: source.newSecret?.() ?? 'shown-nowhere' }, new Date(now)).headers;
  const proofs = Object.keys(made).filter((name) => made[name] !== event.headers[name] && name !== 'content-type');
  const headers = Object.entries(ownHeaders(event.headers)).filter(([name]) => !proofs.includes(name));
  const url = `${target.url}/${placed.template}/${sourceName}`;
  const outcome = becomes(order, foreseen, now);
  const lines = [
    `POST ${url}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...proofs.map((name) => `${name}: (made when it is sent)`),
    '',
    event.body,
    '',
    'Becomes:',
    ...(outcome.length > 0 ? outcome : ['nothing']).map((line) => `  ${line}`),
  ];
  return {
    json: { url, headers: Object.fromEntries(headers), body: event.body, becomes: outcome },
    text: lines.join('\n'),
  };
};
