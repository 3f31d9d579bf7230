import * as crms from '../functions/crm-sync/crms.ts';
import * as notifiers from '../functions/escalation/notifiers.ts';
import { AGEING_MS, type VendorApi } from '../functions/shared/runtime/vendor-api.ts';
import * as templates from '../functions/templates.ts';

/** By whom it is spoken: the kind of a source, of a CRM or of a notifier. */
interface SpokenApi extends VendorApi {
  readonly kind: string;
}

interface AgeingApi extends SpokenApi {
  readonly ends: string;
  readonly isOver: boolean;
}

type Registry = Readonly<Record<string, { readonly apis?: readonly VendorApi[] }>>;

/** All that is spoken by this release, unless a client file writes another version. */
export const spokenApis = (): readonly SpokenApi[] => {
  const registries: Registry[] = [...Object.values(templates).map(({ sources }): Registry => sources), crms, notifiers];
  return registries.flatMap((registry) =>
    Object.entries(registry).flatMap(([kind, { apis = [] }]) => apis.map((api) => ({ kind, ...api }))),
  );
};

/**
 * Those that end within sixty days or have ended, the first to end first.
 * @param now epoch milliseconds
 */
export const ageing = (now: number, apis = spokenApis()): readonly AgeingApi[] =>
  apis
    .flatMap((api): AgeingApi[] => {
      const { ends } = api;
      if (ends === undefined || Date.parse(ends) - now > AGEING_MS) return [];
      return [{ ...api, ends, isOver: Date.parse(ends) <= now }];
    })
    .sort((one, other) => one.ends.localeCompare(other.ends));
