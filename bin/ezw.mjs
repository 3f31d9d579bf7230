#!/usr/bin/env node
// A clone runs without a build step: tsx reads the TypeScript as it is. Node 20, 22 and 24.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const { register } = await import('tsx/esm/api');
register();
await import('./ezw.ts');
