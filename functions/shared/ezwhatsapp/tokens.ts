import { Unauthorized } from '../runtime/errors.ts';

declare const family: unique symbol;

/** `ezw_line_…`: one WhatsApp line, for machines. The only token that deployed code ever holds. */
export type LineToken = string & { readonly [family]: 'line' };
/** A workspace ID token (JWT): a person's login, for the operator's command alone; never stored. */
export type WorkspaceIdToken = string & { readonly [family]: 'workspace' };

const LINE = /^ezw_line_[A-Za-z0-9_-]{8,}$/;
const JWT = /^[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*$/;

/** Throws `Unauthorized` that names what it was given instead, never the token itself. */
export const lineToken = (text: string): LineToken => {
  const token = text.trim();
  if (LINE.test(token)) return token as LineToken;
  if (JWT.test(token)) {
    throw new Unauthorized(
      'workspace_token_given',
      'A workspace ID token (JWT) was given where the line token is needed. Store the ezw_line_ token of this line.',
    );
  }
  throw new Unauthorized('line_token_missing', 'The line token is not set. Store the ezw_line_ token of this line.');
};

/** Throws `Unauthorized` that names what it was given instead, never the token itself. */
export const workspaceIdToken = (text: string): WorkspaceIdToken => {
  const token = text.trim();
  if (token.startsWith('ezw_line_')) {
    throw new Unauthorized(
      'line_token_given',
      'A line token (ezw_line_) was given where a workspace ID token is needed. Log in to the workspace instead.',
    );
  }
  if (JWT.test(token)) return token as WorkspaceIdToken;
  throw new Unauthorized(
    'workspace_token_missing',
    'This is not a workspace ID token (JWT). Log in to the workspace first.',
  );
};
