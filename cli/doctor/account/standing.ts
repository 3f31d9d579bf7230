import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type Client, stackNameOf } from '../../../lib/client.ts';
import { stackOf } from '../../target/stack.ts';
import type { Finding } from '../finding.ts';
import { administratorsCommand, awsCommand, type Place } from './place.ts';

export interface Standing {
  /** Nothing of it has a name of its own, so that all its names must be free. */
  readonly isBare: boolean;
  readonly finding: Finding;
}

const WHOLE = /^(?:CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/;
/** Of what has outputs, which an import leaves out, there was a deployment before. */
const IMPORTED = /^IMPORT_(?:ROLLBACK_)?COMPLETE$/;
const MADE_NOTHING: ReadonlySet<string> = new Set(['ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS']);

type Words = Omit<Finding, 'about'>;

/** What a state means for a deployment, and the way out: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html */
const meaning = (status: string, client: Client, place: Place): Words => {
  const name = stackNameOf(client);
  const why = `see what stood in the way (${awsCommand(place, `cloudformation describe-stack-events --stack-name ${name}`)}) and mend it`;
  const removal = administratorsCommand(place, `cloudformation delete-stack --stack-name ${name}`);
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
    case 'IMPORT_COMPLETE':
      return { level: 'good', found: 'holds what was imported (IMPORT_COMPLETE); a deployment makes the rest' };
    case 'IMPORT_ROLLBACK_COMPLETE':
      return {
        level: 'warning',
        found: 'an import failed and was taken back (IMPORT_ROLLBACK_COMPLETE): what it was to bring in is not in it',
        todo: `${why}, and import again: a deployment makes new tables, empty, in the place of what is missing`,
      };
    case 'IMPORT_ROLLBACK_FAILED':
      return {
        level: 'bad',
        found:
          'an import failed and could not be taken back (IMPORT_ROLLBACK_FAILED): CloudFormation updates it no more',
        todo: `${why}; protect the tables (aws dynamodb update-table --deletion-protection-enabled); then ${removal}, with --retain-resources <logical ids> of the tables where it ends in DELETE_FAILED; then import again`,
      };
    case 'ROLLBACK_FAILED':
      return {
        level: 'warning',
        found:
          'a first deployment that failed and could not be taken back (ROLLBACK_FAILED); the CDK tries to delete it first',
        todo: `${why}; where the CDK cannot delete it either, ${removal}`,
      };
    case 'CREATE_FAILED':
    case 'UPDATE_FAILED':
      return {
        level: 'warning',
        found: `a deployment with --no-rollback stopped half-way (${status}); the CDK asks whether to take it back first`,
        todo: `CLIENT=${client.name} npx cdk rollback ${name}, or say yes when it asks`,
      };
    case 'UPDATE_ROLLBACK_FAILED':
      return {
        level: 'bad',
        found:
          'an update failed and could not be taken back (UPDATE_ROLLBACK_FAILED): CloudFormation takes no other until it is',
        todo: `${why}; then ${awsCommand(place, `cloudformation continue-update-rollback --stack-name ${name}`)}, with --resources-to-skip <logical ids> for what is gone; then deploy`,
      };
    case 'DELETE_FAILED':
      return {
        level: 'bad',
        found: 'it was to be deleted, and could not be as a whole (DELETE_FAILED): it cannot be deployed again',
        todo: `${why}; then ${removal}, with --retain-resources <logical ids> for what is to stay; then deploy`,
      };
    default:
      if (!status.endsWith('_IN_PROGRESS')) return { level: 'warning', found: `in a state unknown here (${status})` };
      return {
        level: 'bad',
        found: `CloudFormation is at it just now (${status}), and takes one change at a time`,
        todo: `wait until it has ended: ${awsCommand(place, `cloudformation describe-stacks --query 'Stacks[0].StackStatus' --stack-name ${name}`)}`,
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
  const stack = await stackOf(cloudFormation, stackNameOf(client));
  if (!stack) return { isBare: true, finding: { level: 'good', about, found: 'none yet: the first deployment' } };
  const { StackStatus: status = '', Outputs: outputs = [] } = stack;
  const finding = { about, ...meaning(status, client, place) };
  return { isBare: MADE_NOTHING.has(status) || (IMPORTED.test(status) && outputs.length === 0), finding };
};
