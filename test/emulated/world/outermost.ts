import type * as Middy from '@middy/core';
import { vi } from 'vitest';
import type * as Aws from '../../../functions/shared/runtime/aws.ts';
import type { Http } from '../../../functions/shared/runtime/http.ts';

/** What stands in the place of AWS and of the network. */
export interface Ground {
  /** In the place of every client of the SDK. */
  readonly client: object;
  readonly http: Http;
}

/**
 * Puts it there, for all that is loaded from now on: these two modules and no other. What middy ends by the machine's clock ends here by the world's,
 * which kills what is over its time.
 */
export const mockOutermost = ({ client, http }: Ground): void => {
  vi.doMock('../../../functions/shared/runtime/aws.ts', async (original) => ({
    ...(await original<typeof Aws>()),
    AWS_CLIENT: {},
    bounded: () => client,
  }));
  vi.doMock('../../../functions/shared/runtime/http.ts', () => ({ http }));
  vi.doMock('@middy/core', async (original) => {
    const { default: middy } = await original<typeof Middy>();
    return { default: () => middy({ timeoutEarlyInMillis: 0 }) };
  });
};
