import { type Client, turnedOn } from './client.ts';
import { parameterName, SALT, sourcesOf } from './parameter-names.ts';

/** A value of one client that lies in Parameter Store, encrypted: it bills nothing while nobody reads it. */
export interface StoredParameter {
  readonly name: string;
  /** What it holds until somebody puts in a value. Without it, it is made up once and never again. */
  readonly placeholder?: string;
  /** Of one that holds the secrets of sources, one field each: which. */
  readonly sources?: readonly string[];
}

/**
 * All that the functions of a client read there, one for each reader but the salt. CloudFormation can make no encrypted parameter
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html), so the operator's command makes
 * them before it deploys, and the local stack when it starts.
 */
export const parametersOf = (client: Client): readonly StoredParameter[] => [
  { name: SALT },
  { name: 'webhook-token', placeholder: 'not-set' },
  { name: 'crm', placeholder: 'not-set' },
  { name: 'notifiers', placeholder: '{}' },
  ...turnedOn(client).map(([template, { settings }]) => ({
    name: sourcesOf(template),
    placeholder: '{}',
    sources: Object.keys(settings.sources),
  })),
];

/** The same by their whole names, as a stack's template says them. */
export const readBy = (client: Client): readonly StoredParameter[] =>
  parametersOf(client).map((one) => ({ ...one, name: parameterName(client.name, one.name) }));
