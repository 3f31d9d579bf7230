import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Call, deciding, policyDocument, type Rule } from '../../local/iam/policy.ts';
import { DEMO_ASSEMBLY, type Resource, templateOf } from './assembly.ts';
import { ADMINISTRATORS, FREE, LOG_IN, NOT_THE_OPERATORS, OPERATOR_CALLS, type Place } from './operator-calls.ts';
import { HANDLERS, type Handlers } from './resource-handlers.ts';

/**
 * The two policies of docs/deploy.md, held against what the template is made of and what the command sends. No account was asked: names of
 * resources are as CloudFormation makes them of the stack's name and the logical id.
 */

const ACCOUNT = '123456789012';
const REGION = 'il-central-1';
const arn = (service: string, name: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;

const read = (page: string): string => readFileSync(`docs/${page}`, 'utf8');
const rulesOf = (page: string): Rule[] => policyDocument.parse(JSON.parse(read(page)));
const nameOf = ({ action, resource }: Pick<Rule, 'action' | 'resource'>): string => `${action} on ${resource}`;

const refusedOf = (rules: readonly Rule[], calls: readonly Call[]): string[] =>
  calls.filter((call) => deciding(rules, call)?.effect !== 'Allow').map(nameOf);

const idleOf = (rules: readonly Rule[], calls: readonly Call[]): string[] => {
  const used = new Set(calls.map((call) => deciding(rules, call)));
  return rules.filter((rule) => !used.has(rule)).map(nameOf);
};

const template = templateOf(DEMO_ASSEMBLY, 'demo');
/** Nobody has it who did not ask for it. */
const DASHBOARD: [string, Resource] = ['Dashboard', { Type: 'AWS::CloudWatch::Dashboard', Properties: {} }];
const resources = [template, templateOf(DEMO_ASSEMBLY, 'watch')]
  .flatMap(({ Resources }) => Object.entries(Resources))
  .concat([DASHBOARD]);

describe('the policy of CloudFormation', () => {
  const rules = rulesOf('execution-policy.json');

  /** @param stack whose names the resources have */
  const nameIn = (stack: string, id: string): string => `${stack}-${id}-1ABCDEF234GH`;

  /** Where a type's own actions are made. */
  const itself = (stack: string, id: string, { Type, Properties }: Resource): string[] => {
    const name = nameIn(stack, id);
    const ofClient = stack.startsWith('Ezw-') ? 'ezw' : 'other';
    switch (Type) {
      case 'AWS::CloudWatch::Alarm':
        return [arn('cloudwatch', `alarm:${name}`)];
      case 'AWS::CloudWatch::Dashboard':
        return [
          `arn:aws:cloudwatch::${ACCOUNT}:dashboard/${stack.startsWith('Ezw-') ? 'Ezw-watch' : 'Shop'}-${REGION}`,
        ];
      case 'AWS::Events::Rule':
        return [arn('events', `rule/${name}`)];
      case 'AWS::SNS::Subscription':
      case 'AWS::SNS::Topic':
      case 'AWS::SNS::TopicPolicy':
        return ['Ezw-watch', 'Ezw-watch-alarms'].map((topic) =>
          arn('sns', stack.startsWith('Ezw-') ? topic : topic.replace('Ezw', 'Shop')),
        );
      case 'AWS::DynamoDB::Table':
        return [arn('dynamodb', `table/${name}`)];
      case 'AWS::IAM::Role':
        return [`arn:aws:iam::${ACCOUNT}:role/${name}`];
      case 'AWS::Lambda::EventSourceMapping':
        return [arn('lambda', 'event-source-mapping:uuid')];
      case 'AWS::Lambda::EventInvokeConfig':
      case 'AWS::Lambda::Function':
      case 'AWS::Lambda::Permission':
        return [arn('lambda', `function:${name}`)];
      // Its name is of the logical id alone: https://github.com/aws/aws-cdk/issues/18563
      case 'AWS::Lambda::LayerVersion':
        return [arn('lambda', `layer:${id}`), arn('lambda', `layer:${id}:1`)];
      case 'AWS::Logs::LogGroup':
        return [arn('logs', `log-group:${Properties.LogGroupName ?? name}`.replace('/ezw/', `/${ofClient}/`))];
      case 'AWS::Scheduler::Schedule':
        return [arn('scheduler', `schedule/${name}/${name}`)];
      case 'AWS::Scheduler::ScheduleGroup':
        return [arn('scheduler', `schedule-group/${name}`)];
      case 'AWS::SecretsManager::Secret':
        return [arn('secretsmanager', `secret:${Properties.Name}-AbCdEf`.replace('ezw/', `${ofClient}/`))];
      case 'AWS::SQS::Queue':
      case 'AWS::SQS::QueuePolicy':
        return [arn('sqs', name)];
      default:
        throw new Error(`Where is a ${Type}?`);
    }
  };

  /** What is asked of no one resource: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
  const NOWHERE = [
    'cloudwatch:DescribeAlarms',
    'lambda:CreateEventSourceMapping',
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
    'secretsmanager:GetRandomPassword',
    'sns:GetSubscriptionAttributes',
    'sns:SetSubscriptionAttributes',
    'sns:Unsubscribe',
  ];

  const PASSED_TO: Readonly<Record<string, string>> = {
    'AWS::Lambda::Function': 'lambda.amazonaws.com',
    'AWS::Scheduler::Schedule': 'scheduler.amazonaws.com',
  };

  const doors = (action: string, { Type }: Resource): string[] => {
    const isTag = Type === 'AWS::ApiGatewayV2::Api' || Type === 'AWS::ApiGatewayV2::Stage';
    const path = (rest: string) => `arn:aws:apigateway:${REGION}::/${rest}`;
    const own = Type === 'AWS::ApiGatewayV2::Api' && action === 'apigateway:POST' ? 'apis' : 'apis/abc123';
    return [path(own), path('apis/abc123/stages/$default'), ...(isTag ? [path('tags/arn')] : [])];
  };

  const callsFor = (stack: string, id: string, resource: Resource, action: string): Call[] => {
    const role = `arn:aws:iam::${ACCOUNT}:role/${nameIn(stack, 'Role')}`;
    const [service] = action.split(':');
    if (action === 'iam:PassRole') {
      const context = { 'iam:PassedToService': PASSED_TO[resource.Type] ?? 'ec2.amazonaws.com' };
      return [{ action, resource: role, context }];
    }
    if (NOWHERE.includes(action)) return [{ action, resource: '*' }];
    if (action === 's3:GetObject')
      return [{ action, resource: `arn:aws:s3:::cdk-hnb659fds-assets-${ACCOUNT}-${REGION}/archive.zip` }];
    if (service === 'apigateway') return doors(action, resource).map((one) => ({ action, resource: one }));
    if (action === 'lambda:GetLayerVersion' && resource.Type === 'AWS::Lambda::Function')
      return [{ action, resource: arn('lambda', 'layer:ConfigLayerE3EE13D2:1') }];
    // Its alarms go with it.
    if (action === 'scheduler:DeleteSchedule')
      return [{ action, resource: arn('scheduler', `schedule/${nameIn(stack, id)}/an-alarm`) }];
    return itself(stack, id, resource).map((one) => ({ action, resource: one }));
  };

  const isSpared = ({ spared }: Handlers, action: string): boolean =>
    Object.keys(spared).some((one) => one === action || (one.endsWith('*') && action.startsWith(one.slice(0, -1))));

  const handlersOf = (type: string): Handlers => {
    const found = HANDLERS[type];
    if (!found) throw new Error(`${type}: write down in resource-handlers.ts what CloudFormation needs for it.`);
    return found;
  };
  const namedFor = ({ create, read, update, delete: gone, beside }: Handlers): string[] => [
    ...new Set([...create, ...read, ...update, ...gone, ...Object.values(beside).flat()]),
  ];
  const actionsFor = (type: string): string[] =>
    namedFor(handlersOf(type)).filter((action) => !isSpared(handlersOf(type), action));

  const callsOf = (stack: string): Call[] =>
    resources.flatMap(([id, resource]) =>
      actionsFor(resource.Type).flatMap((action) => callsFor(stack, id, resource, action)),
    );

  /** Whoever deploys may ask for this and nothing else of Parameter Store: the rest is secret. */
  const ASKED = ['/cdk-bootstrap/hnb659fds/version'];
  const asked = ASKED.map((name) => ({ action: 'ssm:GetParameters', resource: arn('ssm', `parameter${name}`) }));

  it('covers what each type of resource needs to be made, read, changed and deleted', () => {
    expect(refusedOf(rules, callsOf('Ezw-demo'))).toEqual([]);
  });

  it('covers the parameters that the template asks for, and none that is secret', () => {
    expect(refusedOf(rules, asked)).toEqual([]);
    const parameters = Object.values((template.Parameters ?? {}) as Record<string, { Type: string; Default?: string }>);
    const ofStore = parameters.filter(({ Type }) => Type.startsWith('AWS::SSM::')).map(({ Default }) => Default);
    expect(ofStore.filter((name) => !ASKED.includes(String(name)))).toEqual([]);
    const secret = ['contact-salt', 'crm', 'notifiers', 'webhook-token', 'sources/order-ready'].map((name) => ({
      action: 'ssm:GetParameters',
      resource: arn('ssm', `parameter/ezw/demo/${name}`),
    }));
    expect(refusedOf(rules, secret)).toHaveLength(secret.length);
  });

  it('grants nothing that no type needs', () => {
    expect(idleOf(rules, [...callsOf('Ezw-demo'), ...asked])).toEqual([]);
    expect(rules.filter(({ action }) => /[*?]/.test(action)).map(nameOf)).toEqual([]);
  });

  it('is for stacks of ours alone, but for what has no name of its stack', () => {
    const others = callsOf('Shop-live').filter((call) => deciding(rules, call)?.effect === 'Allow');
    const services = new Set(
      others.map(({ action, resource }) => (resource === '*' ? '*' : nameOf({ action, resource }))),
    );
    const nameless = [
      /^\*$/,
      /^apigateway:/,
      /:event-source-mapping:uuid$/,
      /:layer:ConfigLayer/,
      /:::cdk-hnb659fds-assets-/,
    ];
    expect([...services].filter((one) => !nameless.some((pattern) => pattern.test(one)))).toEqual([]);
    const everywhere = rules.filter(({ resource }) => resource === '*').map(({ action }) => action);
    expect(everywhere.sort()).toEqual([...NOWHERE].sort());
  });

  it('makes, changes and passes no role but those of our stacks, and to Lambda and the Scheduler alone', () => {
    const ofRoles = rules.filter(({ action }) => /^(iam|sts):/.test(action));
    expect(new Set(ofRoles.map(({ resource }) => resource))).toEqual(new Set(['arn:aws:iam::*:role/Ezw-*']));
    const role = `arn:aws:iam::${ACCOUNT}:role/Ezw-demo-Role`;
    const toEc2 = { action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } };
    expect(deciding(rules, toEc2)).toBeUndefined();
  });

  it('spares nothing that no schema names, and says of each why', () => {
    for (const [type, handlers] of Object.entries(HANDLERS)) {
      const idle = Object.keys(handlers.spared).filter(
        (one) => !namedFor(handlers).some((action) => isSpared({ ...handlers, spared: { [one]: '' } }, action)),
      );
      expect([type, idle]).toEqual([type, []]);
    }
  });

  it('has no line for a type that no stack has', () => {
    const types = new Set(resources.map(([, { Type }]) => Type));
    expect(Object.keys(HANDLERS).filter((type) => !types.has(type))).toEqual([]);
  });
});

describe('the policy of whoever runs ezw', () => {
  const rules = rulesOf('deployer-policy.json');

  /** Commands of the SDK by the client that sends them, in all that the operator's command loads. */
  const reached = (() => {
    const seen = new Set<string>();
    const commands = new Map<string, string>();
    const walk = (file: string): void => {
      if (seen.has(file) || !existsSync(file)) return;
      seen.add(file);
      const text = readFileSync(file, 'utf8');
      for (const [, isType, names = '', from = ''] of text.matchAll(
        /^import\s+(type\s+)?([^;]*?)\s*from\s+'([^']+)'/gm,
      )) {
        if (isType || !from.startsWith('@aws-sdk/client-')) continue;
        for (const [, command] of names.matchAll(/(?<!type )\b(\w+Command)\b/g)) commands.set(String(command), from);
        for (const [, page] of names.matchAll(/\bpaginate(\w+)/g)) commands.set(`${page}Command`, from);
      }
      for (const [, from = ''] of text.matchAll(/(?:\bfrom\s|\bimport\(|^import\s)\s*'(\.[^']+)'/gm))
        walk(join(dirname(file), from));
    };
    walk('cli/program.ts');
    return commands;
  })();

  const PLACES: Readonly<Record<Place, readonly string[]>> = {
    anywhere: ['*'],
    bootstrap: [arn('ssm', 'parameter/cdk-bootstrap/hnb659fds/version')],
    feed: [arn('lambda', 'event-source-mapping:uuid')],
    identity: [arn('ses', 'identity/agency.example')],
    index: [arn('dynamodb', 'table/Ezw-demo-Sends-1ABC/index/fingerprint')],
    'log group': [arn('logs', 'log-group:Ezw-demo-SenderLogs-1ABC')],
    parameter: [arn('ssm', 'parameter/ezw/demo/crm'), arn('ssm', 'parameter/ezw/demo/sources/order-ready')],
    queue: [arn('sqs', 'Ezw-demo-Queue-1ABC'), arn('sqs', 'Ezw-demo-Sends-1ABC.fifo')],
    'role of the CDK': ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(
      (role) => `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-${role}-role-${ACCOUNT}-${REGION}`,
    ),
    secret: [arn('secretsmanager', 'secret:ezw/demo/line-token-AbCdEf')],
    stack: [arn('cloudformation', 'stack/Ezw-demo/1')],
    table: [arn('dynamodb', 'table/Ezw-demo-Sends-1ABC')],
    topic: [arn('sns', 'Ezw-watch'), arn('sns', 'Ezw-watch-alarms')],
  };
  const callsOf = (by: (command: string) => boolean): Call[] =>
    OPERATOR_CALLS.filter((one) => by(one.by)).flatMap(({ action, on }) =>
      on.flatMap((place) => PLACES[place].map((resource) => ({ action, resource }))),
    );

  it('covers every command that ezw sends', () => {
    const known = new Set([...OPERATOR_CALLS.map(({ by }) => by), ...FREE, ...NOT_THE_OPERATORS]);
    expect([...reached.keys()].filter((command) => !known.has(command))).toEqual([]);
    expect(
      refusedOf(
        rules,
        callsOf(() => true),
      ),
    ).toEqual([]);
    expect(reached.size).toBeGreaterThan(20);
  });

  const pages = ['deploy.md', 'first-client.md', 'upgrades.md', 'usage.md'].map(read).join('\n');
  const onPages = [...pages.matchAll(/\baws ([a-z0-9]+ [a-z][a-z-]+)/g)].map(([one]) => one);

  interface Hint {
    readonly file: string;
    readonly command: string;
    readonly isAdministrators: boolean;
  }
  const sources = readdirSync('cli', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('account/place.ts'))
    .map((file) => ({ file, text: readFileSync(join('cli', file), 'utf8').replaceAll(/\s+/g, ' ') }));
  /** AWS's own commands in hints, as they are written out. */
  const written = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/(?<![\w.])aws [a-z0-9-]+ [a-z][a-z-]+/g)].map(({ index, 0: command }): Hint => {
      const isAdministrators = /administrator types: $/.test(text.slice(0, index));
      return { file, command, isAdministrators };
    }),
  );
  /** The same as the two helpers are given them, by whom they are for. */
  const HELPER = /\b(aws|administrators)Command\(/g;
  const helped = sources.flatMap(({ file, text }) =>
    [...text.matchAll(HELPER)].map(({ index, 1: whose }): Hint => {
      const [, words = 'put together elsewhere'] =
        /^\w+\((?:(?!Command\().){0,120}?['`]([a-z0-9-]+ [a-z][a-z-]+)/.exec(text.slice(index)) ?? [];
      return { file, command: `aws ${words}`, isAdministrators: whose === 'administrators' };
    }),
  );
  const hints = [...written, ...helped].filter(({ command }) => !LOG_IN.test(command));
  const typed = new Set([...onPages, ...hints.map(({ command }) => command)].filter((one) => !LOG_IN.test(one)));

  it('covers what the pages and hints have typed beside it, but for what is an administrator’s', () => {
    const known = new Set([...OPERATOR_CALLS.map(({ by }) => by), ...ADMINISTRATORS]);
    expect([...typed].filter((one) => !known.has(one))).toEqual([]);
    expect(ADMINISTRATORS.filter((one) => !typed.has(one))).toEqual([]);
  });

  it('covers every command that a hint has typed, or the hint says that an administrator types it', () => {
    const covered = new Set(OPERATOR_CALLS.map(({ by }) => by));
    const wrong = hints.filter(({ command, isAdministrators }) => covered.has(command) === isAdministrators);
    expect(wrong).toEqual([]);
    expect(helped.length).toBeGreaterThan(8);
  });

  it('grants nothing that nobody calls', () => {
    expect(
      idleOf(
        rules,
        callsOf((by) => reached.has(by) || typed.has(by) || by === 'npx cdk'),
      ),
    ).toEqual([]);
    expect(rules.filter(({ action }) => /[*?]/.test(action)).map(nameOf)).toEqual([]);
    const loaded = [...FREE, ...NOT_THE_OPERATORS].filter((command) => !reached.has(command));
    expect(loaded).toEqual([]);
  });

  it('reaches nothing but what is ours by its name, where it has one', () => {
    const everywhere = rules.filter(({ resource }) => resource === '*').map(({ action }) => action);
    const places = OPERATOR_CALLS.filter(({ on }) => on.includes('anywhere')).map(({ action }) => action);
    expect(everywhere.sort()).toEqual([...new Set(places)].sort());
    const another = [
      ...['GetItem', 'Scan', 'UpdateTable'].map((name) => ({
        action: `dynamodb:${name}`,
        resource: arn('dynamodb', 'table/Shop-live'),
      })),
      { action: 'sqs:ReceiveMessage', resource: arn('sqs', 'Shop-live') },
      { action: 'secretsmanager:GetSecretValue', resource: arn('secretsmanager', 'secret:shop/key-AbCdEf') },
      { action: 'ssm:GetParameter', resource: arn('ssm', 'parameter/shop/key') },
      { action: 'ssm:PutParameter', resource: arn('ssm', 'parameter/cdk-bootstrap/hnb659fds/version') },
      { action: 'sts:AssumeRole', resource: `arn:aws:iam::${ACCOUNT}:role/Administrator` },
    ];
    expect(refusedOf(rules, another)).toHaveLength(another.length);
  });
});

describe('both policies', () => {
  it('are short enough for a managed policy, which is 6,144 characters without its spaces', () => {
    for (const page of ['deployer-policy.json', 'execution-policy.json'])
      expect(JSON.stringify(JSON.parse(read(page))).replace(/\s/g, '').length).toBeLessThan(6144);
  });
});
