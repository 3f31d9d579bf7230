import { defineConfig } from 'vitest/config';

// Apart from `npm test`: these need a Chromium (CHROMIUM, or /usr/bin/chromium).
export default defineConfig({
  test: {
    // The page looks every so often, and a machine may be busy; one second is no time.
    expect: { poll: { timeout: 20_000, interval: 100 } },
    name: 'browser',
    include: ['test/browser/**/*.browser.ts'],
    globalSetup: ['test/synthesise-once.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: true,
  },
});
