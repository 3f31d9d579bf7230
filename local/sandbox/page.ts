import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Handler } from 'hono';
import type { SandboxEnv } from './env.ts';

const read = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8').trim();
const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page at `/`: its three files put into one document, which may load nothing else and run no other script. */
export function page(): Handler<SandboxEnv> {
  const style = read('page.css');
  const script = read('page.js');
  const html = read('page.html')
    .replace('/* page.css */', () => style)
    .replace('/* page.js */', () => script);
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    'img-src data:',
    `style-src ${sha256(style)}`,
    `script-src ${sha256(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return (c) => c.html(html, 200, { 'Content-Security-Policy': policy });
}
