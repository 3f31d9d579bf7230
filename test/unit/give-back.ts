import { afterAll, vi } from 'vitest';

// The files share processes and modules, which saves loading them a hundred times: what one lends itself, it gives back.
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
