import { parsedJson } from './json.ts';
import type { LocalRoutes } from './local-routes.ts';
import type { KeptLine } from './logs.ts';

/** What is asked for, and the fields in which it may stand. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  trace: ['trace'],
  key: ['key', 'after'],
  delivery: ['delivery'],
  id: ['id'],
  number: ['number'],
  request: ['request'],
  messageId: ['messageId'],
};

/** More than one event leaves behind it. */
const MOST = 5000;

const fieldsOf = ({ line }: KeptLine): Readonly<Record<string, unknown>> => {
  const json = parsedJson(line);
  return typeof json === 'object' && json !== null ? { ...json } : {};
};

/**
 * `GET /_local/logs?trace=…&key=…&delivery=…&id=…&number=…&request=…&messageId=…`, each as often as it is asked for: the lines that bear one of them, oldest first, as
 * `{lines: [{at, function, fields}]}` with `at` in epoch milliseconds; without any, all.
 */
export const logRoutes = (lines: () => readonly KeptLine[]): LocalRoutes => ({
  'GET logs': async (_, query) => {
    const wanted = Object.entries(FIELDS).map(([name, fields]) => ({
      fields,
      values: new Set<unknown>(query.getAll(name)),
    }));
    const isAll = wanted.every(({ values }) => values.size === 0);
    const found = lines().flatMap((line) => {
      const fields = fieldsOf(line);
      const isMeant = wanted.some((one) => one.fields.some((name) => one.values.has(fields[name])));
      return isAll || isMeant ? [{ at: line.at, function: line.function, fields }] : [];
    });
    return { status: 200, body: { lines: found.slice(-MOST) } };
  },
});
