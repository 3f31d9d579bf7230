import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { AWS_CLIENT, bounded } from '../functions/shared/runtime/aws.ts';
import { CLIENT_ATTRIBUTE, OF_ALL } from '../lib/watch-names.ts';
import type { Message } from './words.ts';

/** SNS holds the attributes of a message to be part of its 256 kB, and a filter by a list to some hundred names. */
const MOST_NAMES = 100;

/** Whose a message is, for the subscriptions' filters. What is of more clients than can be named goes to everybody. */
const whose = ({ clients }: Message): string => JSON.stringify(clients.length > MOST_NAMES ? [OF_ALL] : clients);

/** Tells people by a topic of SNS. @param arn of the topic */
export const topic = (arn: string): ((message: Message) => Promise<void>) => {
  const client = bounded(new SNSClient(AWS_CLIENT));
  return async (message) => {
    const { subject: Subject, text } = message;
    const attributes = { [CLIENT_ATTRIBUTE]: { DataType: 'String.Array', StringValue: whose(message) } };
    await client.send(new PublishCommand({ TopicArn: arn, Subject, Message: text, MessageAttributes: attributes }));
  };
};
