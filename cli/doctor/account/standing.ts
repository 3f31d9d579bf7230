import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type Client, stackNameOf } from '../../../lib/client.ts';
import type { Finding } from '../diagnosis.ts';
import { awsCommand, type Place } from './place.ts';

export interface Standing {
  /** Undefined where there is none. */
  readonly status: string | undefined;
  readonly finding: Finding;
}

const WHOLE = /^(?:CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/;

type Words = Omit<Finding, 'about'>;

/** What a state means for a deployment, and the way out: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html */
const meaning = (status: string, name: string, place: Place): Words => {
  const command = (words: string) => awsCommand(place, `cloudformation ${words} --stack-name ${name}`);
  const why = `see what stood in the way (${command('describe-stack-events')}) and mend it`;
  if (WHOLE.test(status)) return { level: 'good', found: `stands (${status})` };
  switch (status) {
    case 'ROLLBACK_COMPLETE':
      return { level: 'good', found: 'what is left of a first deployment that failed; the CDK deletes it first' };
    case 'REVIEW_IN_PROGRESS':
      return {
        level: 'warning',
        found: 'planned and never begun, or somebody begins just now (REVIEW_IN_PROGRESS)',
        todo: 'if nobody else deploys it, deploy: the CDK goes on from there',
      };
    case 'ROLLBACK_FAILED':
      return {
        level: 'warning',
        found:
          'a first deployment that failed and could not be taken back (ROLLBACK_FAILED); the CDK tries to delete it first',
        todo: `${why}; where the CDK cannot delete it either: ${command('delete-stack')}`,
      };
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
      return {
        level: 'warning',
        found: `a deployment with --no-rollback stopped half-way (${status}); the CDK asks whether to take it back first`,
        todo: `npx cdk rollback ${name}, or say yes when it asks`,
      };
    case 'UPDATE_ROLLBACK_FAILED':
      return {
        level: 'bad',
        found:
          'an update failed and could not be taken back (UPDATE_ROLLBACK_FAILED): CloudFormation takes no other until it is',
        todo: `${why}; then ${command('continue-update-rollback')}, with --resources-to-skip <logical ids> for what is gone; then deploy`,
      };
    case 'DELETE_FAILED':
      return {
        level: 'bad',
        found: 'it was to be deleted, and could not be as a whole (DELETE_FAILED): it cannot be deployed again',
        todo: `${why}; then ${command('delete-stack')}, with --retain-resources <logical ids> for what is to stay; then deploy`,
      };
    default:
      if (!status.endsWith('_IN_PROGRESS')) return { level: 'warning', found: `in a state unknown here (${status})` };
      return {
        level: 'bad',
        found: `CloudFormation is at it just now (${status}), and takes one change at a time`,
        todo: `wait until it has ended: ${command('describe-stacks --query Stacks[0].StackStatus')}`,
      };
  }
};

/** In which state the stack is. */
export const standingOf = async (
  cloudFormation: CloudFormationClient,
  client: Client,
  place: Place,
): Promise<Standing> => {
  const about = 'stack';
  const name = stackNameOf(client);
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    const status = Stacks[0]?.StackStatus ?? '';
    return { status, finding: { about, ...meaning(status, name, place) } };
  } catch (error) {
    if ((error as Error).name !== 'ValidationError') throw error;
    return { status: undefined, finding: { level: 'good', about, found: 'none yet: the first deployment' } };
  }
};

/** Whether a stack of this state has made nothing, so that all its names must be free. */
export const isBare = (status: string | undefined): boolean =>
  status === undefined || status === 'ROLLBACK_COMPLETE' || status === 'REVIEW_IN_PROGRESS';
