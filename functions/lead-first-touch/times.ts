import type { EventTimes } from '../shared/door/whose.ts';
import type { Lead } from './schema.ts';

/** A lead begins and happens when its form is sent. */
export const times = ({ submittedAt }: Lead): EventTimes => ({ began: submittedAt, happened: submittedAt });
