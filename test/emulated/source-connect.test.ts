import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { clientFile, clientFileSays, connecting, startConnecting, stopConnecting } from './connecting.ts';
import { sandboxOf } from './demo.ts';

vi.mock('../../cli/target/project.ts', async (original) => ({
  ...(await original<object>()),
  readClient: async () => clientFile(),
}));

// One stack for all of them, which takes longer to start than a vendor's tests take.
beforeAll(startConnecting, 60_000);
afterAll(stopConnecting);
beforeEach(async () => {
  clientFileSays();
  await sandboxOf(connecting('', '').stack).clearFaults();
});

import './source-connect/typeform.ts';
import './source-connect/calendly.ts';
import './source-connect/shopify.ts';
import './source-connect/vendors.ts';
