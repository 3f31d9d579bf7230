import type { Workshop } from '../resources/resource.ts';
import type { Grant } from './guard.ts';

/** A grant in names that people know. */
export interface NamedGrant extends Grant {
  /** Such as `queue sends`, `table sends, index providerId`, `secret crm`. */
  readonly on: string;
}

/** What `GET /_local/grants` shows: all that the template allows, and how often each was needed. */
export const readGrants = (workshop: Workshop): NamedGrant[] =>
  workshop.guard.grants().map((grant) => ({ ...grant, on: nameOf(grant, workshop) }));

function nameOf({ action, resource, conditions }: Grant, { tableNames, queueList }: Workshop): string {
  // Of an invocation the route is what tells one from another: API, stage and method stand before its path.
  if (action === 'lambda:InvokeFunction' && conditions.join().includes(':events:')) return 'its rule';
  if (action === 'lambda:InvokeFunction') return `route ${conditions.join().replace(/^.*?\/\*\/\*(?=\/)/, '')}`;
  const [, , service, , , ...rest] = resource.split(':');
  const name = rest.join(':');
  switch (service) {
    case 'dynamodb': {
      const [, physical, , index] = name.split('/');
      const [short = physical] = [...tableNames].find(([, one]) => one === physical) ?? [];
      return index === undefined ? `table ${short}` : `table ${short}, index ${index}`;
    }
    case 'sqs':
      return `queue ${queueList.find(({ queue }) => queue.arn === resource)?.name ?? name}`;
    case 'ssm':
      return `parameter ${name.split('/').slice(3).join('/')}`;
    case 'secretsmanager':
      return `secret ${name
        .split('/')
        .at(-1)
        ?.replace(/-[^-]{6}$/, '')}`;
    case 'logs':
      return 'its log group';
    case 'scheduler':
      return 'its alarms';
    case 'iam':
      return 'the role of its alarms';
    case 'ses':
      return name.replace('/', ' ');
    default:
      return resource;
  }
}
