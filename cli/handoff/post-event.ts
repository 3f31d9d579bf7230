import { sourceNamed, sourceSecretOf } from '../target/template-sources.ts';
import type { Run } from './run.ts';

export interface DoorAnswer {
  readonly status: number;
  readonly reason: string;
}

/** Our own signed event at a template's door. Status 0 when nothing answered. */
export const postEvent = async (run: Run, template: string, event: object): Promise<DoorAnswer> => {
  const source = await sourceNamed(template, 'custom');
  const secret = await sourceSecretOf(run.target, 'custom');
  const { headers, body } = source.sign(JSON.stringify(event), secret, new Date());
  try {
    const url = `${run.target.url}/${template}/custom`;
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(30_000) });
    const answer = (await response.json().catch(() => ({}))) as { reason?: unknown };
    return { status: response.status, reason: typeof answer.reason === 'string' ? answer.reason : '' };
  } catch (error) {
    return { status: 0, reason: error instanceof Error ? error.name : 'unknown' };
  }
};
