import { Hono } from 'hono';
import { createCallLog } from '../call-log.ts';
import type { SandboxEnv } from '../env.ts';
import type { FaultMiddleware } from '../fault-effects.ts';
import { served, standInsOf } from '../stand-ins.ts';
import { type CrmStandIn, serveCrm } from './crm.ts';
import { type CrmStand, createStand } from './store.ts';

/** CRMs at `/crm/<name>` that behave as the vendors' do where it matters (`stands`); `control` shows what they hold. */
export function crms(now: () => number, faults: FaultMiddleware) {
  const calls = createCallLog(now);
  const stands = new Hono<SandboxEnv>();
  const held: Record<string, CrmStand> = {};
  stands.use(calls.record);
  stands.use(faults('crm'));
  for (const found of standInsOf<CrmStandIn>('crms')) {
    const { name } = found;
    const stand = createStand(name, now);
    held[name] = stand;
    stands.use(`/${name}/*`, faults(`crm.${name}`));
    stands.route(
      `/${name}`,
      served(found, (standIn) => serveCrm(standIn.serve(stand))),
    );
  }

  const control = new Hono<SandboxEnv>();
  const isThere = ({ deletedAt }: { deletedAt?: number }) => deletedAt === undefined;
  const shown = ({ contacts, entries }: CrmStand) => ({
    contacts: contacts.records.filter(isThere).map(({ id, fields }) => ({ ...fields, id: fields.id ?? id })),
    entries: entries.records.map(({ id, fields }) => ({ id, ...fields })),
  });
  control.get('/', (c) =>
    c.json(Object.fromEntries(Object.entries(held).map(([name, stand]) => [name, shown(stand)]))),
  );
  control.get('/requests', (c) =>
    c.json(calls.list().map(({ at, method, path, status }) => ({ at, method, path, status }))),
  );
  control.post('/expire-tokens', (c) => {
    for (const { grants } of Object.values(held)) grants.expire();
    return c.body(null, 204);
  });
  control.delete('/:name/contacts/:id', (c) => {
    held[c.req.param('name')]?.contacts.remove(c.req.param('id'));
    return c.body(null, 204);
  });
  control.delete('/', (c) => {
    for (const { contacts, entries } of Object.values(held)) {
      contacts.records.length = 0;
      entries.records.length = 0;
    }
    calls.clear();
    return c.body(null, 204);
  });
  return { stands, control };
}
