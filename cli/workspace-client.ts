import type { Http } from '../functions/shared/http.ts';
import { type LineToken, lineToken, type WorkspaceIdToken, workspaceIdToken } from '../functions/shared/tokens.ts';

/**
 * The Workspace API, for the operator's command alone: no deployed function holds a person's login.
 * @throws Unauthorized, by name, when it is given a line token.
 */
export class WorkspaceClient {
  readonly #base: string;
  readonly #token: WorkspaceIdToken;
  readonly #http: Http;

  constructor(base: string, token: string, http: Http) {
    this.#base = base.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
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
      throw new Error(`The workspace ${what}; the line's token was not rotated, or it is not known whether it was.`);
    }
    // The answer's shape is not published; the token's own form is.
    const [token] = /ezw_line_[A-Za-z0-9_-]+/.exec(result.body) ?? [''];
    return lineToken(token);
  }
}
