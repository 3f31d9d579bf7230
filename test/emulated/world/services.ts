import type { MemoryQueue } from './queues.ts';

/** A command of the SDK. */
export interface Command {
  readonly constructor: { readonly name: string };
  readonly input: object;
}

/** What stands in the place of the services but for DynamoDB. */
export interface Ground {
  readonly tables: { send: (command: Command) => Promise<object> };
  /** By URL or ARN. */
  readonly queue: (name: string) => MemoryQueue;
  /** Is told of what is handed over in order, with what hands it over once more. */
  readonly commanded: (body: string, again: () => void) => void;
  readonly secret: (arn: string) => string;
  readonly parameter: (name: string) => string;
  readonly alarms: {
    readonly has: (name: string) => boolean;
    /** @param at epoch milliseconds; `undefined` where there is to be none any more */
    readonly set: (name: string, at: number | undefined, ring?: () => void) => void;
  };
}

interface Sent {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: { readonly reason?: { readonly StringValue?: string } };
}

interface Schedule {
  readonly Name: string;
  readonly ScheduleExpression: string;
  readonly Target: { readonly Arn: string; readonly Input: string };
}

const named = (name: string): Error => Object.assign(new Error(name), { name });

type Does = (input: never) => object;

/** A client of the SDK, of all services: a command has its effect, and its answer is as far as the functions look at it. */
export const services = ({ tables, queue, commanded, secret, parameter, alarms }: Ground) => {
  const setAlarm = ({ Name, ScheduleExpression, Target }: Schedule): object => {
    const at = Date.parse(`${ScheduleExpression.slice('at('.length, -1)}Z`);
    alarms.set(Name, at, () => queue(Target.Arn).send(Target.Input));
    return {};
  };
  const ifThere = (name: string): void => {
    if (!alarms.has(name)) throw named('ResourceNotFoundException');
  };
  const does: Readonly<Record<string, Does>> = {
    SendMessage: ({ QueueUrl, MessageBody, ...more }: Sent) => {
      const [group, deduplicationId] = [more.MessageGroupId, more.MessageDeduplicationId];
      const reason = more.MessageAttributes?.reason?.StringValue;
      queue(QueueUrl).send(MessageBody, { group, deduplicationId, reason });
      if (group !== undefined) commanded(MessageBody, () => queue(QueueUrl).send(MessageBody, { group }));
      return {};
    },
    SendMessageBatch: ({ QueueUrl, Entries }: { QueueUrl: string; Entries: readonly Sent[] }) => {
      for (const { MessageBody, DelaySeconds } of Entries)
        queue(QueueUrl).send(MessageBody, { delaySeconds: DelaySeconds });
      return {};
    },
    ChangeMessageVisibilityBatch: ({
      QueueUrl,
      Entries,
    }: {
      QueueUrl: string;
      Entries: readonly { readonly ReceiptHandle: string; readonly VisibilityTimeout: number }[];
    }) => {
      for (const { ReceiptHandle, VisibilityTimeout } of Entries)
        queue(QueueUrl).hide([ReceiptHandle], VisibilityTimeout);
      return {};
    },
    GetSecretValue: ({ SecretId }: { SecretId: string }) => ({ SecretString: secret(SecretId) }),
    GetParameter: ({ Name }: { Name: string }) => ({ Parameter: { Value: parameter(Name) } }),
    CreateSchedule: (schedule: Schedule) => {
      if (alarms.has(schedule.Name)) throw named('ConflictException');
      return setAlarm(schedule);
    },
    UpdateSchedule: (schedule: Schedule) => {
      ifThere(schedule.Name);
      return setAlarm(schedule);
    },
    DeleteSchedule: ({ Name }: Schedule) => {
      ifThere(Name);
      alarms.set(Name, undefined);
      return {};
    },
  };
  return {
    send: async (command: Command): Promise<object> => {
      const found = does[command.constructor.name.replace(/Command$/, '')];
      return found ? found(command.input as never) : tables.send(command);
    },
  };
};
