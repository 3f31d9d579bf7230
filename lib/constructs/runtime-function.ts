import { Duration } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, type LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { timeoutSeconds } from '../timeouts.ts';
import { allow, policy } from './allow.ts';
import { logGroup } from './log-group.ts';
import { named } from './named.ts';

export interface RuntimeFunctionProps {
  /** Folder under `functions/`; also the short name. */
  readonly name: string;
  /** Name of the client whose function it is: it goes by no other one's settings. Without a client, that of all. */
  readonly client?: string;
  readonly description: string;
  /** Folder with the bundle. */
  readonly code: string;
  /** The client's settings; a function of all clients has none. */
  readonly config?: LayerVersion;
  readonly environment: Readonly<Record<string, string>>;
  /** All that the function may do besides writing its log. */
  readonly permissions: readonly PolicyStatement[];
}

/** A function with its log group and a role of its own, which allows exactly what the props name. */
export class RuntimeFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: RuntimeFunctionProps) {
    super(scope, id);
    const logs = logGroup(this, 'Logs');
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Runtime: policy(allow(logs.logGroupArn, 'logs:CreateLogStream', 'logs:PutLogEvents'), ...props.permissions),
      },
    });
    this.lambda = named(
      new LambdaFunction(this, 'Function', {
        description: props.description,
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        handler: 'index.handler',
        code: Code.fromAsset(props.code),
        layers: props.config ? [props.config] : [],
        environment: {
          ...(props.config && { CONFIG_FILE: `/opt/${props.name}.json` }),
          ...(props.client !== undefined && { EZW_CLIENT: props.client }),
          ...props.environment,
        },
        timeout: Duration.seconds(timeoutSeconds(props.name)),
        // CPU grows with memory: 256 MB doubles the cold start, and at 1024 MB the waiting costs more than the CPU saves.
        memorySize: 512,
        role,
        logGroup: logs,
      }),
      props.name,
    );
  }
}
