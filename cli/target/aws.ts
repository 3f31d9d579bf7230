import { CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { bounded } from '../../functions/shared/runtime/aws.ts';
import { type Client, stackNameOf } from '../../lib/client.ts';
import { Failed, NotDeployed } from '../terminal/errors.ts';
import { PATIENCE_MS, PATIENT } from './patience.ts';
import { resourcesOf, stackOf, templateOf } from './stack.ts';
import type { Deployed, StackTemplate } from './target.ts';

const physicalIds = async (client: CloudFormationClient, stack: string): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (await resourcesOf(client, stack)).flatMap(({ LogicalResourceId, PhysicalResourceId }) =>
      LogicalResourceId && PhysicalResourceId ? [[LogicalResourceId, PhysicalResourceId] as const] : [],
    ),
  );

/** Physical ids of a type's resources, by the short name that the template gives them. */
const byShortName = ({ Resources }: StackTemplate, ids: ReadonlyMap<string, string>, type: string) =>
  Object.fromEntries(
    Object.entries(Resources).flatMap(([logicalId, { Type, Metadata }]) => {
      const id = ids.get(logicalId);
      const name = Metadata?.['ezw:name'];
      return Type === type && id !== undefined && typeof name === 'string' ? [[name, id]] : [];
    }),
  );

const senderFeed = ({ Resources }: StackTemplate, ids: ReadonlyMap<string, string>): string | undefined => {
  const all = Object.entries(Resources);
  const [sender] =
    all.find(([, { Type, Metadata }]) => /Function$/.test(Type) && Metadata?.['ezw:name'] === 'sender') ?? [];
  const [feed = ''] =
    all.find(
      ([, { Type, Properties }]) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        JSON.stringify(Properties?.FunctionName ?? '').includes(`"${sender}"`),
    ) ?? [];
  return ids.get(feed);
};

/** A stack of the same name in another account is another one. @param id its ARN */
const assertIsThere = ({ name, aws }: Client, id: string | undefined): void => {
  const [, , , , account] = id?.split(':') ?? [];
  if (!aws || account === undefined || account === aws.account) return;
  throw new Failed(
    `Your credentials are of the account ${account}, and clients/${name}.ts says ${aws.account}: set another AWS_PROFILE. Nothing was done.`,
  );
};

/** What is left of a first deployment that failed is no stack: protected it could not be made again. */
const assertIsWhole = (client: Client, status: string | undefined): void => {
  if (!/^(?:REVIEW_IN_PROGRESS|CREATE_(?:IN_PROGRESS|FAILED)|ROLLBACK_|DELETE_)/.test(status ?? '')) return;
  throw new Failed(
    `${stackNameOf(client)} was never deployed whole, or goes just now (${status}): run "npx ezw deploy ${client.name}".`,
  );
};

/** The region that the client file names, whatever the shell says. */
const placeOf = ({ aws }: Pick<Client, 'aws'>) => ({ ...PATIENT, ...(aws && { region: aws.region }) });

/** The services that a client's stack is made of and looked at by, whether it stands or not. */
export const servicesOf = (
  client: Pick<Client, 'aws'>,
): Pick<Deployed, 'cloudFormation' | 'dynamodb' | 'secrets' | 'parameters'> => {
  const shared = placeOf(client);
  return {
    cloudFormation: bounded(new CloudFormationClient(shared), PATIENCE_MS),
    dynamodb: bounded(new DynamoDBClient(shared), PATIENCE_MS),
    secrets: bounded(new SecretsManagerClient(shared), PATIENCE_MS),
    parameters: bounded(new SSMClient(shared), PATIENCE_MS),
  };
};

/** The same, and its queues. */
export const allServicesOf = (client: Pick<Client, 'aws'>) => {
  const shared = placeOf(client);
  const sqs = bounded(new SQSClient({ ...shared, useQueueUrlAsEndpoint: false }), PATIENCE_MS);
  return { ...servicesOf(client), sqs };
};

type Services = ReturnType<typeof allServicesOf>;

/** A stack that was found. @throws Failed for one that has no address */
export const targetAt = async (
  client: Client,
  { Outputs = [] }: Stack,
  template: StackTemplate,
  services: Services,
): Promise<Deployed> => {
  const name = stackNameOf(client);
  const url = Outputs.find(({ OutputKey }) => OutputKey === 'ApiUrl')?.OutputValue;
  if (!url) throw new Failed(`${name} has no output ApiUrl. Deploy it again.`);
  const ids = await physicalIds(services.cloudFormation, name);
  return {
    where: 'aws',
    client,
    url,
    ezwUrl: client.ezwBaseUrl,
    template,
    tables: byShortName(template, ids, 'AWS::DynamoDB::Table'),
    queues: byShortName(template, ids, 'AWS::SQS::Queue'),
    senderFeed: senderFeed(template, ids),
    ...services,
  };
};

/** The deployed stack `Ezw-<client>`, in the account and region of the SDK's usual configuration. */
export const awsTarget = async (client: Client): Promise<Deployed> => {
  const name = stackNameOf(client);
  const services = allServicesOf(client);
  const { cloudFormation } = services;
  const stack = await stackOf(cloudFormation, name);
  if (!stack)
    throw new NotDeployed(`${name} is not deployed in this account and region. Run "npx ezw deploy ${client.name}".`);
  assertIsThere(client, stack.StackId);
  assertIsWhole(client, stack.StackStatus);
  return targetAt(client, stack, await templateOf(cloudFormation, name), services);
};
