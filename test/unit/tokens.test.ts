import { expect, it } from 'vitest';
import { lineToken, workspaceIdToken } from '../../functions/shared/ezwhatsapp/tokens.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl';
const LINE = 'ezw_line_demo_0123456789abcdef';

it('takes its own family, with white space of a paste around it', () => {
  expect(lineToken(` ${LINE}\n`)).toBe(LINE);
  expect(workspaceIdToken(`${JWT}\n`)).toBe(JWT);
});

it('a JWT in the place of the line token is refused by name and never repeated', () => {
  expect(() => lineToken(JWT)).toThrow(
    expect.objectContaining({
      reason: 'workspace_token_given',
      message: expect.stringContaining('workspace ID token (JWT)'),
    }),
  );
  expect(() => lineToken(JWT)).not.toThrow(JWT);
});

it('a line token in the place of the workspace token is refused by name and never repeated', () => {
  expect(() => workspaceIdToken(LINE)).toThrow(
    expect.objectContaining({ reason: 'line_token_given', message: expect.stringContaining('ezw_line_') }),
  );
  expect(() => workspaceIdToken(LINE)).not.toThrow(LINE);
});

it.each(['', 'not-set', 'ezw_line_', 'ezw_line_with space', 'Bearer ezw_line_demo_0123456789'])(
  '%j is no line token',
  (text) => {
    expect(() => lineToken(text)).toThrow(expect.objectContaining({ reason: 'line_token_missing' }));
  },
);

it.each(['', 'a.b', 'x'])('%j is no workspace token', (text) => {
  expect(() => workspaceIdToken(text)).toThrow(expect.objectContaining({ reason: 'workspace_token_missing' }));
});

it('the compiler keeps the families apart', () => {
  // @ts-expect-error a workspace token is no line token
  const wrong: ReturnType<typeof lineToken> = workspaceIdToken(JWT);
  expect(wrong).toBe(JWT);
});
