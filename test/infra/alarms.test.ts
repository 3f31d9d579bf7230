import { App, Stack } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { alarms } from '../../lib/constructs/alarms.ts';
import { policy } from '../../lib/constructs/allow.ts';
import { TemplateParts } from '../../lib/constructs/template-parts.ts';

test('each template with alarms has a group and a role of its own, and can set none that ring for another', () => {
  const stack = new Stack(new App(), 'Two');
  const templates = ['first', 'second'].map((name) => {
    const parts = new TemplateParts(stack, name, name);
    const { group, role, use } = alarms(parts);
    const { environment, permissions } = use();
    const { queue, deadLetters } = parts.work;
    return { queue, deadLetters, group, role, environment, permissions };
  });
  expect(new Set(templates.map(({ group }) => group)).size).toBe(2);
  for (const { queue, deadLetters, group, role, environment, permissions } of templates) {
    expect(environment).toEqual({
      ALARMS_GROUP: group,
      ALARMS_ROLE_ARN: role,
      WORK_QUEUE_ARN: queue.queueArn,
      WORK_DLQ_ARN: deadLetters.queueArn,
    });
    const schedules = stack.formatArn({ service: 'scheduler', resource: 'schedule', resourceName: `${group}/*` });
    const { Statement } = stack.resolve(policy(...permissions));
    expect(Statement.map(({ Resource }: { Resource: unknown }) => Resource)).toEqual(stack.resolve([schedules, role]));
  }
});
