import { z } from 'zod';
import { accountId, region } from '../account.ts';
import { StartError } from '../start-error.ts';
import type { ResourceType } from './resource.ts';

/** Processes that a function gets for the requests at its doors. */
const doorProcesses = 3;

/** AWS::ApiGatewayV2::Api. All APIs of the stack answer on the one public port. */
export const api: ResourceType = ({ logicalId }, { url }) => ({ ref: logicalId, attributes: { ApiEndpoint: url } });

const integrationSchema = z.object({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.coerce.number().default(30_000),
});

/** AWS::ApiGatewayV2::Integration with a function. Its URI is the function's ARN, or holds it. */
export const integration: ResourceType = ({ logicalId, properties }, { functions, integrations }) => {
  const { ApiId, IntegrationUri, TimeoutInMillis } = integrationSchema.parse(properties);
  const target = [...functions].find(([arn]) => IntegrationUri.includes(arn));
  if (!target) throw new StartError(`${logicalId}: ${IntegrationUri} is not a function of this stack.`);
  const [functionArn, { pool }] = target;
  pool.reserve('doors', doorProcesses);
  integrations.set(logicalId, { pool, timeoutMs: TimeoutInMillis, functionArn, apiId: ApiId });
  return { ref: logicalId, attributes: {} };
};

const routeSchema = z.object({ RouteKey: z.string(), Target: z.string() });

/** AWS::ApiGatewayV2::Route. Its ARN has the route's own path, parameters and all, behind the stage and the method. */
export const route: ResourceType = ({ logicalId, properties }, { guard, integrations, router }) => {
  const { RouteKey, Target } = routeSchema.parse(properties);
  const found = integrations.get(Target.replace('integrations/', ''));
  if (!found) throw new StartError(`${logicalId}: ${Target} is not an integration of this stack.`);
  const { pool, timeoutMs, functionArn, apiId } = found;
  const [method = '', path = ''] = RouteKey.split(' ');
  const source = `arn:aws:execute-api:${region}:${accountId}:${apiId}/$default/${method === 'ANY' ? '*' : method}${path}`;
  router.add({ routeKey: RouteKey, pool, timeoutMs, mayInvoke: () => guard.mayInvoke(functionArn, source) });
  return { ref: logicalId, attributes: {} };
};

const rateSchema = z
  .object({ ThrottlingRateLimit: z.coerce.number(), ThrottlingBurstLimit: z.coerce.number() })
  .transform(({ ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst }) => ({ perSecond, burst }));

const stageSchema = z.object({
  DefaultRouteSettings: rateSchema.optional(),
  RouteSettings: z.record(z.string(), rateSchema).default({}),
});

/** AWS::ApiGatewayV2::Stage: what its routes let through. Its access log is nowhere to be seen here. */
export const stage: ResourceType = ({ logicalId, properties }, { router }) => {
  const { DefaultRouteSettings, RouteSettings } = stageSchema.parse(properties);
  router.throttle.take(DefaultRouteSettings, RouteSettings);
  return { ref: logicalId, attributes: {} };
};
