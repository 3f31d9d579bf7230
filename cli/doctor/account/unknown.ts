import { explain } from '../../run.ts';
import { isForbidden, lackedBy } from '../../terminal/errors.ts';

/** Why a question has no answer. */
export const whyUnknown = (error: Error): string => {
  if (error.name === 'TimeoutError') return 'AWS did not answer in time';
  return isForbidden(error) ? `your role lacks ${lackedBy(error)}` : explain(error);
};
