import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { logGroup } from './log-group.ts';

/**
 * What the access log may hold. Never the path, the query or the caller's address: the webhook's path holds a token,
 * queries hold handshakes, and an address is personal data. The route tells which door it was.
 */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  integrationError: '$context.integrationErrorMessage',
};

/** The one HTTPS entrance of a client line. */
export class DoorApi extends Construct {
  readonly url: string;
  private readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: { readonly client: string }) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', { apiName: `ezw-${props.client}`, createDefaultStage: false });
    this.url = this.api.apiEndpoint;
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      // A cap on the bill, far above any shop: WooCommerce does not retry a 429, so the cap must never be met in earnest.
      throttle: { rateLimit: 100, burstLimit: 500 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(
          logGroup(this, 'AccessLogs', {
            // This prefix alone keeps the group out of the account's log resource policy, which is full after some 50 APIs.
            logGroupName: `/aws/vendedlogs/ezw/${props.client}/access`,
          }),
        ),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  /** Opens `POST <path>` in front of a function. `path` may hold `{parameters}`. */
  post(path: string, handler: IFunction): void {
    const routes = this.api.addRoutes({
      path,
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('Lambda', handler),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'The door proves each sender by a signature over the raw body, which no API Gateway authorizer can see.',
      });
    }
  }
}
