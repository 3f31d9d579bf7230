import { isRequest } from '../../functions/shared/ledger/send-command.ts';
import { type Event, signedEvent } from '../../local/samples/event.ts';
import type { Foreseen, Order } from './trigger.ts';

const whenDue = (at: number, now: number): string => (at > now ? new Date(at).toISOString() : 'now');

const becomes = (foreseen: Foreseen, now: number): readonly string[] => {
  if ('refused' in foreseen) return [`refused: ${foreseen.refused}`];
  const sends = foreseen.sends.map(({ at, command: { key, outcome } }) =>
    isRequest(outcome)
      ? `${whenDue(at, now)}  ${key}  ${outcome.path} ${outcome.body}`
      : `${whenDue(at, now)}  ${key}  ${outcome.state} ${outcome.reason}`,
  );
  return foreseen.isLookedUp ? [...sends, 'the rest is looked up at the vendor'] : sends;
};

/** The request as it would be sent, without what proves it, and what would become of it. */
export const shown = ({ placed, source, target }: Order, event: Event, foreseen: Foreseen, now: number) => {
  const made = signedEvent(event, source, { current: source.newSecret?.() ?? 'shown-nowhere' }, new Date(now)).headers;
  const proofs = Object.keys(made).filter((name) => made[name] !== event.headers[name] && name !== 'content-type');
  const headers = Object.entries(event.headers).filter(([name, value]) => value !== '' && !proofs.includes(name));
  const url = `${target.url}/${placed.template}/${placed.source}`;
  const outcome = becomes(foreseen, now);
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
