import { everyStandIn, type FoundStandIn, type Kind } from '../sandbox/stand-ins.ts';

/** Where the sandbox serves the stand-ins of each kind, to the first slash. */
const PLACES: Readonly<Record<Kind, (standIn: FoundStandIn<{ readonly at?: string }>) => string>> = {
  crms: () => 'crm',
  notifiers: () => 'notifier',
  sources: ({ name, standIn }) => standIn?.at ?? name,
};

/** A stand-in is beside the function that calls it. */
const callers: ReadonlyMap<string, string> = new Map(
  everyStandIn().map((found) => [
    PLACES[found.kind](found as FoundStandIn<{ readonly at?: string }>),
    found.path.split('/')[1] ?? '',
  ]),
);

/** Short name of the function that calls at a path of the sandbox; undefined where nobody is known to. */
export const callerAt = (path: string): string | undefined => {
  const [, first = ''] = path.split('/');
  return first === 'api' ? 'sender' : callers.get(first);
};
