#!/usr/bin/env node
// A clone runs without a build step: tsx reads the TypeScript as it is. Node 20, 22 and 24.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const { register } = await import('tsx/esm/api');
register();
try {
  await import('./ezw.ts');
} catch (error) {
  // An extension whose folder is gone, or that cannot be read: nothing can be loaded then, and the stack says least of all.
  const [, missing, by] =
    /Cannot find module '([^']+)' imported from '?([^']+?)'?$/m.exec(String(error?.message)) ?? [];
  const short = (path) => path.slice(path.indexOf('functions/'));
  const [at] = /functions\/[^\s:()'"]+\.ts(:\d+)?/.exec(`${error?.message}\n${error?.stack}`) ?? [];
  if (at === undefined) throw error;
  console.error(
    missing?.includes('/functions/')
      ? `ezw: ${short(by)} names ${short(missing)}, which is not there: remove the line, or bring the file back.`
      : `ezw: ${at} cannot be loaded: ${String(error.message).split('\n').at(-1)}`,
  );
  process.exitCode = 1;
}
