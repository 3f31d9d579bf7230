import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Client } from '../../lib/client.ts';
import { type TargetOptions, usualUrl } from '../terminal/options.ts';
import { readClient } from './project.ts';

/** A stack's template, as far as the operator reads it. */
export interface StackTemplate {
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties?: Readonly<Record<string, unknown>>;
        readonly Metadata?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

/** One client's stack, deployed or on this machine. All else goes through the AWS SDK, alike for both. */
export interface Target {
  readonly where: 'aws' | 'local';
  readonly client: Client;
  /** Origin of the doors. */
  readonly url: string;
  /** Base address of EZWhatsApp as the sender calls it. */
  readonly ezwUrl: string;
  /** Where sends go to the sandbox of the local stack: its controls. */
  readonly sandboxUrl?: string;
  /** Of the local stack: where what stands in for outside systems is, which client files call by its usual address. */
  readonly standInsUrl?: string;
  readonly template: StackTemplate;
  /** Physical names and URLs by short name. */
  readonly tables: Readonly<Record<string, string>>;
  readonly queues: Readonly<Record<string, string>>;
  /** Of a deployed stack: the id of the event source mapping by which the queue wakes the sender. */
  readonly senderFeed?: string | undefined;
  /** Of a deployed stack. */
  readonly cloudFormation?: CloudFormationClient;
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly secrets: SecretsManagerClient;
  readonly parameters: SSMClient;
}

/** A stack in an account of AWS. */
export interface Deployed extends Target {
  readonly cloudFormation: CloudFormationClient;
}

export const isDeployed = (target: Target): target is Deployed => target.cloudFormation !== undefined;

/** Finds the stack of a client. @throws WrongInput, Failed */
export const openTarget = async (name: string, { local }: TargetOptions): Promise<Target> => {
  const client = await readClient(name);
  if (local === undefined) return (await import('./aws.ts')).awsTarget(client);
  return (await import('./local.ts')).localTarget(client, local === true ? usualUrl() : local);
};

const localUrl = ({ local }: TargetOptions): string => (local === undefined || local === true ? usualUrl() : local);

/** The client that "npm start" runs. @throws WrongInput, Failed */
export const runningClient = async (options: TargetOptions): Promise<Client> =>
  readClient(await (await import('./local.ts')).clientAt(localUrl(options)));

/** The stack of "npm start", of whichever client it is. @throws WrongInput, Failed */
export const openLocalTarget = async (options: TargetOptions): Promise<Target> =>
  (await import('./local.ts')).localTarget(await runningClient(options), localUrl(options));
