import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { sourceNamed, sourceSecretOf } from '../target/registry.ts';
import { call } from '../terminal/call.ts';
import type { Run } from './run.ts';

export interface DoorAnswer {
  readonly status: number;
  readonly reason: string;
}

/** As long as the gateway waits for a door. */
const DOOR_MS = 30_000;

const reasonIn = (text: string): string => {
  const { reason } = fieldsIn(text);
  return typeof reason === 'string' ? reason : '';
};

/** Our own signed event at a template's door. Status 0 when nothing answered. */
export const postEvent = async (run: Run, template: string, event: object): Promise<DoorAnswer> => {
  const source = sourceNamed(template, 'custom');
  const secret = await sourceSecretOf(run.target, 'custom');
  const { headers, body } = source.sign(JSON.stringify(event), secret, new Date());
  try {
    const url = `${run.target.url}/${template}/custom`;
    const { status, text } = await call(url, { method: 'POST', headers, body }, DOOR_MS);
    return { status, reason: reasonIn(text) };
  } catch (error) {
    return { status: 0, reason: error instanceof Error ? error.name : 'unknown' };
  }
};
