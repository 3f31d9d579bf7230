import {
  GetSubscriptionAttributesCommand,
  paginateListSubscriptionsByTopic,
  SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { bounded } from '../../functions/shared/runtime/aws.ts';
import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import type { Client } from '../../lib/client.ts';
import { CLIENT_ATTRIBUTE } from '../../lib/watch-names.ts';
import { PATIENCE_MS, PATIENT } from '../target/patience.ts';

/** How a mail address stands with a topic: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export type Listening = 'hears it' | 'not confirmed' | 'not of this client' | 'not subscribed';

/** Absent where it is not confirmed yet, and where it was unsubscribed. */
const arnOf = ({ SubscriptionArn: arn = '' }: Subscription): string | undefined =>
  arn.startsWith('arn:') ? arn : undefined;

/** The topics of an account and region. */
export class Topics {
  readonly #sns: SNSClient;

  constructor({ aws }: Pick<Client, 'aws'>) {
    this.#sns = bounded(new SNSClient({ ...PATIENT, ...(aws && { region: aws.region }) }), PATIENCE_MS);
  }

  /** Whether what a topic is told of a client comes to an address. */
  async listening(topic: string, email: string, client: string): Promise<Listening> {
    const own = (await this.#subscriptions(topic)).filter(
      ({ Protocol, Endpoint }) => Protocol === 'email' && Endpoint === email,
    );
    const arns = own.flatMap((one) => arnOf(one) ?? []);
    if (arns.length === 0) return own.some(isPending) ? 'not confirmed' : 'not subscribed';
    const passed = await Promise.all(arns.map((arn) => this.#lets(arn, client)));
    return passed.includes(true) ? 'hears it' : 'not of this client';
  }

  async #subscriptions(topic: string): Promise<readonly Subscription[]> {
    const all: Subscription[] = [];
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client: this.#sns },
      { TopicArn: topic },
    ))
      all.push(...Subscriptions);
    return all;
  }

  async #lets(arn: string, client: string): Promise<boolean> {
    const { Attributes = {} } = await this.#sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }));
    const listed = fieldsIn(Attributes.FilterPolicy ?? '{}')[CLIENT_ATTRIBUTE];
    return !Array.isArray(listed) || listed.includes(client);
  }
}

const isPending = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn === 'PendingConfirmation';
