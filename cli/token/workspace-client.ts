import { originOf } from '../../functions/shared/ezwhatsapp/line-api.ts';
import {
  type LineToken,
  lineToken,
  type WorkspaceIdToken,
  workspaceIdToken,
} from '../../functions/shared/ezwhatsapp/tokens.ts';
import type { Http } from '../../functions/shared/runtime/http.ts';
import { Failed } from '../terminal/errors.ts';

/** Logs a person in. The ID token is used by this process and stored nowhere. */
export const workspaceLogin = async (
  base: string,
  login: { readonly email: string; readonly password: string },
  http: Http,
): Promise<WorkspaceIdToken> => {
  const result = await http({
    method: 'POST',
    url: `${originOf(base)}/api/auth/login`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login),
  });
  if (result.kind !== 'answer') throw new Failed(`The workspace did not answer (${result.code}). Nothing was changed.`);
  if (result.status === 401 || result.status === 403) throw new Failed('The workspace refused this login.');
  // The answer's shape is not published; a token's form is. An ID token comes under its name, or as the only one.
  const [token] =
    /(?<="(?:idToken|id_token|IdToken)"\s*:\s*")[\w.-]+/.exec(result.body) ??
    /[\w-]{8,}\.[\w-]{2,}\.[\w-]+/.exec(result.body) ??
    [];
  if (result.status > 299 || token === undefined) {
    throw new Failed(`The workspace answered the login with ${result.status} and no ID token.`);
  }
  return workspaceIdToken(token);
};

/**
 * The Workspace API, for the operator's command alone: no deployed function holds a person's login.
 * @throws Unauthorized, by name, when it is given a line token.
 */
export class WorkspaceClient {
  readonly #base: string;
  readonly #token: WorkspaceIdToken;
  readonly #http: Http;

  constructor(base: string, token: string, http: Http) {
    this.#base = originOf(base);
    this.#token = workspaceIdToken(token);
    this.#http = http;
  }

  /** Creates or rotates the line's token. The old one must be taken to die at once, and the new one is shown only here. */
  async rotateLineToken(lineId: string): Promise<LineToken> {
    const result = await this.#http({
      method: 'POST',
      url: `${this.#base}/api/lines/${encodeURIComponent(lineId)}/api-token`,
      headers: { authorization: `Bearer ${this.#token}` },
    });
    if (result.kind !== 'answer' || result.status < 200 || result.status > 299) {
      const what = result.kind === 'answer' ? `answered ${result.status}` : 'did not answer';
      throw new Failed(`The workspace ${what}; the line's token was not rotated, or it is not known whether it was.`);
    }
    // The answer's shape is not published; the token's own form is.
    const [token] = /ezw_line_[A-Za-z0-9_-]+/.exec(result.body) ?? [''];
    return lineToken(token);
  }
}
