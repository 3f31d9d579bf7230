import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parsedJson } from '../json.ts';
import { hasPhone } from './event.ts';
import { library } from './library.ts';

const COMMAND = fileURLToPath(new URL('../../bin/ezw.mjs', import.meta.url));

/** `POST /_local/samples`: an event of the library. */
const order = z.strictObject({
  template: z.string(),
  source: z.string(),
  sample: z.string(),
  phone: z
    .string()
    .regex(/^\+\d{7,15}$/, 'must be one number with its country, such as +972…')
    .optional(),
});

/** `GET /_local/samples`: what the library has, and what must come of each. */
export const listSamples = (): object[] =>
  library().map(({ template, source, name, sample }) => ({
    template,
    source,
    sample: name,
    title: sample.title,
    hasPhone: hasPhone(sample),
    becomes: sample.ends.map(({ state, reason }) => [state, reason].filter(Boolean).join(' ')),
  }));

/**
 * Sends an event of the library to the stack at `url` as the operator's command does, in a process of its own: so a source that was
 * saved a moment ago is signed as it is now.
 */
export const fireSample = async (url: string, body: string): Promise<{ status: number; body: object }> => {
  const { data, error } = order.safeParse(parsedJson(body));
  if (!data) {
    const [issue] = error.issues;
    return { status: 400, body: { message: `${issue?.path.join('.') || 'the body'}: ${issue?.message}` } };
  }
  const { template, source, sample, phone } = data;
  const isKnown = library().some((one) => one.template === template && one.source === source && one.name === sample);
  if (!isKnown) return { status: 404, body: { message: 'There is no such sample; GET /_local/samples lists them.' } };
  const options = ['--local', url, '--json', ...(phone === undefined ? [] : ['--phone', phone])];
  const child = spawn(process.execPath, [COMMAND, 'trigger', template, source, sample, ...options]);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  await once(child, 'close');
  const result = parsedJson(said.stdout);
  if (typeof result === 'object' && result !== null) return { status: 200, body: result };
  return { status: 422, body: { message: said.stderr.trim().replace(/^ezw: /, '') } };
};
