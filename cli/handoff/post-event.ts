import { fieldsIn } from '../../functions/shared/runtime/json.ts';
import { sourceNamed, sourceSecretOf } from '../target/registry.ts';
import { call } from '../terminal/call.ts';
import type { OwnEvent } from './own-event.ts';
import type { Run } from './run.ts';

type PostedEvent = Pick<OwnEvent, 'template' | 'source' | 'body'>;

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

/** A template's own event, signed, at its door. Status 0 when nothing answered. */
export const postEvent = async (run: Run, { template, source: name, body: text }: PostedEvent): Promise<DoorAnswer> => {
  const source = sourceNamed(template, name);
  const secret = await sourceSecretOf(run.target, name);
  const { headers, body } = source.sign(text, secret, new Date());
  try {
    const url = `${run.target.url}/${template}/${name}`;
    const { status, text: answer } = await call(url, { method: 'POST', headers, body }, DOOR_MS);
    return { status, reason: reasonIn(answer) };
  } catch (error) {
    return { status: 0, reason: error instanceof Error ? error.name : 'unknown' };
  }
};
