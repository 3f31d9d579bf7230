import { type Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
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

/** What a route lets through before the gateway answers 429 by itself. */
interface RouteLimits {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Each door by itself. A cap on the bill that must never be met in earnest: a shop that marks a thousand orders at once posts them at once, and
 * not all send a 429 again; some shut the webhook after a few (docs/doors.md). More than this an account does not have everywhere: 1,250 at once and
 * 2,500 a second, for all its clients together, in Tel Aviv, Milan or Zurich (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
 */
const DOORS: RouteLimits = { perSecond: 500, burst: 1_000 };

/** Monitors, slashes too many, doors that are shut: nobody needs more of it, and a flood of it must not shut a webhook out. */
const STRAYS: RouteLimits = { perSecond: 10, burst: 40 };

/** The one HTTPS entrance of a client line. */
export class DoorApi extends Construct {
  readonly url: string;
  private readonly api: HttpApi;
  private readonly stage: HttpStage;
  private readonly limits: Record<string, object> = {};

  constructor(scope: Construct, id: string, props: { readonly client: string }) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', { apiName: `ezw-${props.client}`, createDefaultStage: false });
    this.url = this.api.apiEndpoint;
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: DOORS.perSecond, burstLimit: DOORS.burst },
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

  /** How often its doors, or the gateway before them, answered 5xx. */
  serverErrors(period: Duration): IMetric {
    return this.api.metricServerError({ statistic: 'Sum', period });
  }

  /** Opens `POST <path>` in front of a function. `path` may hold `{parameters}`. */
  post(path: string, handler: IFunction): void {
    this.open(HttpMethod.POST, path, handler);
  }

  /**
   * Sends whatever else comes to a path and below it to a function: other methods, a slash at the end. Without this the gateway
   * answers 404 by itself, after which many a vendor never comes again.
   */
  rest(path: string, handler: IFunction): void {
    this.open(HttpMethod.ANY, `${path}/{path+}`, handler, STRAYS);
  }

  /**
   * Opens `<method> <path>` in front of a function.
   * @param limits for a route that anybody may call: so many requests a second, so many at once
   */
  open(method: HttpMethod, path: string, handler: IFunction, limits?: RouteLimits): void {
    const routes = this.api.addRoutes({
      path,
      methods: [method],
      integration: new HttpLambdaIntegration('Lambda', handler),
    });
    for (const route of routes) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'The door proves each sender by a signature over the raw body, which no API Gateway authorizer can see.',
      });
      if (limits) this.limit(route, `${method} ${path}`, limits);
    }
  }

  private limit(route: HttpRoute, routeKey: string, { perSecond, burst }: RouteLimits): void {
    const stage = this.stage.node.defaultChild as CfnStage;
    this.limits[routeKey] = { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst };
    stage.routeSettings = this.limits;
    // A stage cannot name a route that is not there yet.
    stage.node.addDependency(route);
  }
}
