import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type NamedGrant, readGrants } from './iam/grants.ts';
import { Guard } from './iam/guard.ts';
import { ParameterServer } from './parameters/server.ts';
import { QueueServer } from './queues/server.ts';
import { createAll } from './resources/create-all.ts';
import { type Ground, newWorkshop, type Workshop } from './resources/resource.ts';
import { SchedulerServer } from './scheduler/server.ts';
import { SecretsServer } from './secrets-manager/server.ts';
import { SnsServer } from './sns/server.ts';
import { TableServer } from './tables/server.ts';
import type { Assembly } from './template/assembly.ts';

/** What an assembly is built on besides its own servers. */
type Surroundings = Pick<Ground, 'secretValues' | 'sandboxUrl' | 'ezwUrl' | 'url' | 'scratch'>;

/** Builds an assembly once on servers that are thrown away, and gives what `look` finds there. Throws what `createAll` throws. */
async function built<Found>(
  assembly: Assembly,
  surroundings: Surroundings,
  newPool: Workshop['newPool'],
  look: (workshop: Workshop) => Promise<Found>,
): Promise<Found> {
  const scratch = mkdtempSync(join(surroundings.scratch, 'rehearsal-'));
  const [tables, queues, secrets, parameters, scheduler, sns] = await Promise.all([
    TableServer.start(),
    QueueServer.start(),
    SecretsServer.start(),
    ParameterServer.start(),
    SchedulerServer.start({ knows: () => true, allows: () => true, deliver: () => {} }),
    SnsServer.start(),
  ]);
  try {
    const servers = { tables, queues, secrets, parameters, scheduler, sns, guard: new Guard() };
    const workshop = newWorkshop({ ...surroundings, ...servers, scratch }, assembly, newPool);
    await createAll(workshop);
    return await look(workshop);
  } finally {
    await Promise.all([tables, queues, secrets, parameters, scheduler, sns].map((server) => server.stop()));
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Builds an assembly once on servers that are thrown away, so that what cannot be built is known before anything that runs is
 * touched. Throws what `createAll` throws. Returns why tables that are there cannot become those of the assembly.
 */
export const rehearse = (assembly: Assembly, ground: Ground, newPool: Workshop['newPool']): Promise<string[]> =>
  built(assembly, ground, newPool, async ({ tables, tableNames }) => {
    const reasons: string[] = [];
    for (const name of tableNames.values()) {
      const reason = await ground.tables.misfit(await tables.describe(name));
      if (reason !== undefined) reasons.push(reason);
    }
    return reasons;
  });

/** All that an assembly allows, without a function that runs. `scratch` is a folder to write in. */
export const grantsOf = (assembly: Assembly, scratch: string): Promise<NamedGrant[]> => {
  const nowhere = 'http://127.0.0.1:1';
  const surroundings = { secretValues: {}, sandboxUrl: nowhere, ezwUrl: nowhere, url: nowhere, scratch };
  const newPool = () => ({ reserve: () => {} }) as unknown as ReturnType<Workshop['newPool']>;
  return built(assembly, surroundings, newPool, async (workshop) => {
    workshop.guard.take(workshop.access);
    return readGrants(workshop);
  });
};
