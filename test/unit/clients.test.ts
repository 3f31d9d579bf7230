import { describe, expect, it } from 'vitest';
import { WorkspaceClient } from '../../cli/token/workspace-client.ts';
import { attemptId, lineApi } from '../../functions/shared/ezwhatsapp/line-api.ts';
import { lineToken } from '../../functions/shared/ezwhatsapp/tokens.ts';
import type { HttpRequest, HttpResult } from '../../functions/shared/runtime/http.ts';

const OLD = lineToken('ezw_line_demo_old_0123456789');
const NEW = lineToken('ezw_line_demo_new_0123456789');
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl';

/** Answers with the results in turn and keeps the requests. */
const scripted = (...results: HttpResult[]) => {
  const requests: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpResult> => {
    requests.push(request);
    return results.shift() ?? { kind: 'never-left', code: 'nothing_more' };
  };
  return { http, requests };
};
const answered = (status: number, body = ''): HttpResult => ({ kind: 'answer', status, headers: {}, body });
const tokens = (reread: () => Promise<typeof OLD>) => ({ get: async () => OLD, reread });

describe('the line API', () => {
  it('sends the contract’s headers and the very bytes, wherever the base address ends', async () => {
    for (const base of [
      'https://api.example',
      'https://api.example/',
      'https://api.example/api/v1',
      'https://api.example/api/v1/',
    ]) {
      const { http, requests } = scripted(answered(202));
      await lineApi(
        base,
        tokens(async () => OLD),
        http,
      ).post('/messages/text', '{"x":1}', 'order:1:ready');
      expect(requests).toEqual([
        {
          method: 'POST',
          url: 'https://api.example/api/v1/messages/text',
          headers: {
            authorization: `Bearer ${OLD}`,
            'content-type': 'application/json',
            'idempotency-key': 'order:1:ready',
          },
          body: '{"x":1}',
        },
      ]);
    }
  });

  it('asks for health without waking the line', async () => {
    const { http, requests } = scripted(answered(200, '{"line":{"sendable":true}}'));
    await lineApi(
      'https://api.example',
      tokens(async () => OLD),
      http,
    ).health();
    expect(requests[0]?.url).toBe('https://api.example/api/v1/health?wakeup=false&channel_type=web');
  });

  it.each<[string, string | number]>([
    ['{"line":{"sendable":"true"}}', 200],
    ['{"line":{}}', 200],
    ['{}', 200],
    ['<html>', 200],
    ['{"line":{"sendable":true}}', 500],
    ['{"line":{"sendable":true}}', 202],
  ])('does not take %s with %s for sendable', async (body, status) => {
    const { http } = scripted(answered(Number(status), body));
    expect(
      (
        await lineApi(
          'https://api.example',
          tokens(async () => OLD),
          http,
        ).health()
      ).sendable,
    ).toBe(false);
  });

  it.each([401, 403])('reads the token again once on a %i and repeats the same request with it', async (status) => {
    const { http, requests } = scripted(answered(status), answered(202));
    const result = await lineApi(
      'https://api.example',
      tokens(async () => NEW),
      http,
    ).post('/messages/text', '{}', 'k');
    expect(result).toMatchObject({ status: 202 });
    expect(requests.map(({ headers }) => headers?.authorization)).toEqual([`Bearer ${OLD}`, `Bearer ${NEW}`]);
    expect(requests[0]?.body).toBe(requests[1]?.body);
  });

  it('does not repeat a 401 with the same token', async () => {
    const { http, requests } = scripted(answered(401), answered(202));
    const result = await lineApi(
      'https://api.example',
      tokens(async () => OLD),
      http,
    ).post('/messages/text', '{}', 'k');
    expect(result).toMatchObject({ status: 401 });
    expect(requests).toHaveLength(1);
  });

  it('a JWT in the secret is refused by name before anything leaves', async () => {
    const { http, requests } = scripted();
    const wrong = { get: async () => lineToken(JWT), reread: async () => lineToken(JWT) };
    expect(await lineApi('https://api.example', wrong, http).health()).toEqual({
      sendable: false,
      problem: 'workspace_token_given',
    });
    expect(requests).toHaveLength(0);
  });
});

describe('the id of a queued attempt', () => {
  it.each([
    ['{"id":"a1"}', 'a1'],
    ['{"message":{"message_id":"a2"}}', 'a2'],
    ['{"data":{"queueId":7}}', '7'],
    ['{"status":"queued"}', undefined],
    ['<html>', undefined],
    ['{"id":"+972 50 123 4567 text"}', undefined],
  ])('%s gives %s', (body, id) => {
    expect(attemptId(body)).toBe(id);
  });
});

describe('the workspace client', () => {
  it('refuses a line token by name', () => {
    expect(() => new WorkspaceClient('https://api.example', OLD, scripted().http)).toThrow(
      expect.objectContaining({ name: 'Unauthorized', reason: 'line_token_given' }),
    );
  });

  it('rotates the token of a line with the login it was given', async () => {
    const { http, requests } = scripted(answered(200, JSON.stringify({ data: { token: NEW } })));
    expect(await new WorkspaceClient('https://api.example/api/v1', JWT, http).rotateLineToken('line/1')).toBe(NEW);
    expect(requests[0]).toMatchObject({ method: 'POST', url: 'https://api.example/api/lines/line%2F1/api-token' });
  });

  it('says so when the rotation is not certain', async () => {
    const { http } = scripted({ kind: 'unknown', code: 'timeout' });
    await expect(new WorkspaceClient('https://api.example', JWT, http).rotateLineToken('l')).rejects.toThrow(
      'did not answer',
    );
  });
});
