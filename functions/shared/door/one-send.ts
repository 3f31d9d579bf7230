import { becauseOf, queueSend, type SendCommand, usefulUntil } from '../ledger/send-command.ts';
import { env, readConfig } from '../runtime/config.ts';
import type { FormAnswer } from '../wording/form-answer.ts';
import { type AnswerPlaceholders, answersNamed } from './answers.ts';
import type { Sources } from './source.ts';
import { noteOf, tellCrm } from './tell-crm.ts';
import type { ClientFacts } from './template.ts';
import { templateHandler } from './template-handler.ts';
import type { EventTimes, SourceEvent } from './whose.ts';

/** What a template of the usual kind says of itself: one event is one message, decided at once. */
export interface OneSend<Event extends SourceEvent, Config> {
  /** As the folder is called. */
  readonly name: string;
  readonly sources: Sources<Event>;
  /** The Idempotency-Key of an event, by its own id. */
  readonly keyOf: (id: string) => string;
  /** When what an event is about began and happened. */
  readonly times: (event: Event) => EventTimes;
  /** One frozen message, or why there is none. `now`: epoch milliseconds. */
  readonly sendOf: (event: Event, config: Config, now: number) => SendCommand;
}

/** The function of such a template. Its settings must have `usefulFor`, an ISO duration. */
export const oneSendHandler = <
  Event extends SourceEvent & { readonly name?: string | undefined; readonly answers?: readonly FormAnswer[] },
  Config extends ClientFacts & {
    readonly usefulFor: string;
    readonly answers?: AnswerPlaceholders | undefined;
    readonly sources: Readonly<Record<string, unknown>>;
  },
>({
  name,
  sources,
  keyOf,
  times,
  sendOf,
}: OneSend<Event, Config>) => {
  const config = readConfig<Config>(name, ['sources', 'usefulFor']);
  const send = (command: SendCommand): Promise<void> => queueSend(env('SENDS_QUEUE_URL'), config.lineId, command);
  const until = (occurredAt: string): string => usefulUntil(occurredAt, config.usefulFor, config.sendWindow);
  return templateHandler<Event>({
    name,
    sources,
    settings: config.sources,
    times,
    async onEvent(event) {
      const decided = sendOf(event, config, Date.now());
      const because = becauseOf(event.source, name, event.id, decided.asOf);
      const command = { because, ...decided };
      await send(command);
      const answers = answersNamed(event.answers, config.answers);
      const note = answers.length > 0 && noteOf(command, { name: event.name, answers });
      if (note) await tellCrm(note);
    },
    onLost: ({ id, source, occurredAt, state, reason }) =>
      send({
        key: keyOf(id),
        template: name,
        asOf: occurredAt,
        usefulUntil: until(occurredAt),
        because: becauseOf(source, name, id, occurredAt),
        outcome: { state, reason },
      }),
    isLate: (occurredAt) => Date.now() > Date.parse(until(occurredAt)),
  });
};
