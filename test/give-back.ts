import { afterAll, vi } from 'vitest';

// What a file lent itself, it gives back: those of its project share processes and modules.
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
