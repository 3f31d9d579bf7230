import { z } from 'zod';
import { standInsOf } from './stand-ins.ts';

const seconds = z.number().positive('must be above 0').max(3600, 'must be at most 3600');
const after = z.boolean().optional();

function possibleHeaders(headers: Record<string, string>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    return false;
  }
}

/** What can go wrong. `after: true` lets the call have its effect first, so that only the answer is lost. */
const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200, 'must be 200 to 599').max(599, 'must be 200 to 599'),
    body: z.json().optional(),
    headers: z.record(z.string(), z.string()).refine(possibleHeaders, 'a name or value no header can carry').optional(),
    after,
  }),
  z.strictObject({ kind: z.literal('timeout'), seconds: seconds.optional(), after }),
  z.strictObject({ kind: z.literal('reset'), after }),
  z.strictObject({ kind: z.literal('refuse'), seconds }),
  z.strictObject({ kind: z.literal('slow'), ms: z.int().positive('must be above 0').max(3_600_000) }),
  z.strictObject({ kind: z.literal('huge') }),
  z.strictObject({ kind: z.literal('garbage') }),
]);

const OF_THE_API = ['health', 'text', 'media', 'webhooks'];

/** Stand-ins for systems that are not EZWhatsApp: faults hit them only by their names. */
export const outside: readonly string[] = [
  ...standInsOf('sources').map(({ name }) => name),
  'crm',
  ...standInsOf('crms').map(({ name }) => `crm.${name}`),
  'notifier',
  'mail',
];

const places = [...OF_THE_API, ...outside, '*'];

/** Where faults strike. `*` is every call of the EZWhatsApp API. */
const on = z.string().refine((name) => places.includes(name), `must be one of ${places.join(', ')}`);

/** `POST /_sandbox/faults`; `times: 0` strikes until cleared. `refuse` closes the whole listener at once, whatever `on` says. */
export const faultOrder = z.strictObject({ on, fault, times: z.int().min(0, 'must be 0 or more').default(1) });

/** Where a call comes in: one of the API's, or a stand-in's name. */
export type FaultTarget = string;
type Fault = z.infer<typeof fault>;

/** A fault that waits for a call to strike. */
export type CallFault = Exclude<Fault, { kind: 'refuse' }>;
export type PlannedOrder = z.infer<typeof faultOrder>;
