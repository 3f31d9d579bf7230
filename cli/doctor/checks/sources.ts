import { connectionFindings } from '../../source/findings.ts';
import type { Check } from '../check.ts';

/** What vendors say of the sources that were connected. */
export const connections: Check = {
  id: 'source-connections',
  about: 'sources at their vendors',
  tables: () => ['deliveries'],
  look: ({ target }) => connectionFindings(target),
  // A vendor that says once that there is nothing may say otherwise a moment later.
  watched: { every: 60, after: 60 },
};
