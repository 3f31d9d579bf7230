import { explain } from '../../run.ts';
import { isForbidden } from '../../terminal/errors.ts';

/** Why a question has no answer. The whole of what AWS says names people and accounts. */
export const whyUnknown = (error: Error): string => {
  if (error.name === 'TimeoutError') return 'AWS did not answer in time';
  if (!isForbidden(error)) return explain(error);
  const [, lacks = 'a permission that AWS does not name'] =
    /not authorized to perform: ([\w:-]+)/.exec(error.message) ?? [];
  return `your role lacks ${lacks}`;
};
