import { expect, it } from 'vitest';
import { Router } from '../../local/gateway/router.ts';
import type { LambdaPool } from '../../local/lambda/pool.ts';

/** The routes in an order in which none is found by luck. */
const ROUTES = [
  'ANY /shop/{path+}',
  'ANY /shop/literal',
  'POST /shop/{source}',
  'POST /shop/literal',
  'POST /shop/a/{secret}',
  'POST /shop/a/{path+}',
];
const router = new Router();
for (const routeKey of ROUTES) router.add({ routeKey, pool: {} as LambdaPool, timeoutMs: 1, mayInvoke: () => true });

const matched = (request: string) => {
  const [method = '', path = ''] = request.split(' ');
  const match = router.match(method, path);
  return match && [match.route.routeKey, match.pathParameters];
};

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
it.each<[string, string, object]>([
  ['POST /shop/custom', 'POST /shop/{source}', { source: 'custom' }],
  ['POST /shop/literal', 'POST /shop/literal', {}],
  ['GET /shop/literal', 'ANY /shop/literal', {}],
  ['GET /shop/custom', 'ANY /shop/{path+}', { path: 'custom' }],
  ['POST /shop/custom/', 'ANY /shop/{path+}', { path: 'custom/' }],
  ['POST /shop//custom', 'ANY /shop/{path+}', { path: '/custom' }],
  ['POST /shop/', 'ANY /shop/{path+}', { path: '' }],
  ['POST /shop/a/b', 'POST /shop/a/{secret}', { secret: 'b' }],
  ['POST /shop/a/b/c', 'POST /shop/a/{path+}', { path: 'b/c' }],
  ['PUT /shop/a/b%20c', 'ANY /shop/{path+}', { path: 'a/b c' }],
  // https://github.com/localstack/localstack/issues/8170 tells how AWS takes the base address with a slash at its end.
  ['POST //shop/custom', 'POST /shop/{source}', { source: 'custom' }],
])('%s goes to %s, as at AWS', (request, routeKey, pathParameters) => {
  expect(matched(request)).toEqual([routeKey, pathParameters]);
});

it.each(['POST /shop', 'POST /Shop/custom', 'POST /', 'POST /other/custom'])(
  '%s goes nowhere, as at AWS',
  (request) => {
    expect(matched(request)).toBeUndefined();
  },
);

it('names the doors, and not what takes everything else', () => {
  expect(router.doors.sort()).toEqual(ROUTES.filter((key) => !key.startsWith('ANY')).sort());
});
