import { readFileSync } from 'node:fs';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ROOT } from '../../target/project.ts';
import type { Finding } from '../finding.ts';
import { bootstrapCommand, type Place } from './place.ts';

/** What the CDK asks of an account before it deploys a stack with assets into it. */
export const LEAST_BOOTSTRAP = 6;

const USUAL = 'hnb659fds';

/** An account may be made ready more than once, under names of one's own: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html */
const qualifierIn = (cdkJson: string): string => {
  const { context } = JSON.parse(cdkJson) as { context?: Record<string, string> };
  return context?.['@aws-cdk/core:bootstrapQualifier'] ?? USUAL;
};

/** Whether the CDK has been let into the account and region, once and for all its stacks. */
export const bootstrapFinding = async (
  ssm: SSMClient,
  place: Place,
  cdkJson = readFileSync(`${ROOT}/cdk.json`, 'utf8'),
): Promise<Finding> => {
  const about = 'CDK bootstrap';
  const name = qualifierIn(cdkJson);
  const todo = `once for each account and region: ${bootstrapCommand(place, name === USUAL ? '' : ` --qualifier ${name}`)}`;
  try {
    // Some encrypt it, as all else there: https://github.com/aws/aws-cdk/issues/30129
    const ask = new GetParameterCommand({ Name: `/cdk-bootstrap/${name}/version`, WithDecryption: true });
    const version = Number((await ssm.send(ask)).Parameter?.Value);
    if (version >= LEAST_BOOTSTRAP) return { level: 'good', about, found: `version ${version}` };
    const found = `version ${Number.isNaN(version) ? 'unreadable' : version}, and the CDK wants ${LEAST_BOOTSTRAP} or more`;
    return { level: 'bad', about, found, todo };
  } catch (error) {
    if ((error as Error).name !== 'ParameterNotFound') throw error;
    const found = `the account ${place.account} is not ready for the CDK in ${place.region}: it has nowhere to put the functions, and no role to deploy by`;
    return { level: 'bad', about, found, todo };
  }
};
