import { App, Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';

// Whatever else is synthesised here goes through nag and passes; this test shows that passing means something.
test('a nag finding that nobody acknowledged stops the synthesis', () => {
  const app = new App({ analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new Queue(new Stack(app, 'Careless'), 'Queue');
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS3/);
});
