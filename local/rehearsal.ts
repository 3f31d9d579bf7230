import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Guard } from './iam/guard.ts';
import { QueueServer } from './queues/server.ts';
import { createAll } from './resources/create-all.ts';
import { type Ground, newWorkshop, type Workshop } from './resources/resource.ts';
import { SchedulerServer } from './scheduler/server.ts';
import { SecretsServer } from './secrets-manager/server.ts';
import { TableServer } from './tables/server.ts';
import type { Assembly } from './template/assembly.ts';

/**
 * Builds an assembly once on servers that are thrown away, so that what cannot be built is known before anything that runs is
 * touched. Throws what `createAll` throws. Returns why tables that are there cannot become those of the assembly.
 */
export async function rehearse(assembly: Assembly, ground: Ground, newPool: Workshop['newPool']): Promise<string[]> {
  const scratch = mkdtempSync(join(ground.scratch, 'rehearsal-'));
  const [tables, queues, secrets, scheduler] = await Promise.all([
    TableServer.start(),
    QueueServer.start(),
    SecretsServer.start(),
    SchedulerServer.start({ knows: () => true, allows: () => true, deliver: () => {} }),
  ]);
  try {
    const guard = new Guard();
    const workshop = newWorkshop({ ...ground, tables, queues, secrets, scheduler, guard, scratch }, assembly, newPool);
    await createAll(workshop);
    const reasons: string[] = [];
    for (const name of workshop.tableNames.values()) {
      const reason = await ground.tables.misfit(await tables.describe(name));
      if (reason !== undefined) reasons.push(reason);
    }
    return reasons;
  } finally {
    await Promise.all([tables, queues, secrets, scheduler].map((server) => server.stop()));
    rmSync(scratch, { recursive: true, force: true });
  }
}
