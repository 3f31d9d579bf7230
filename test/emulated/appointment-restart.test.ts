import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { calendly, calendlyInvitee, DAY, daysAhead, moveClock, newId, tell } from './appointments.ts';
import { sandboxOf, startDemo, untilIdle, untilState } from './demo.ts';

it('a restart between booking and firing loses nothing when data is kept', async () => {
  const data = join(mkdtempSync(join(tmpdir(), 'ezw-restart-')), 'kept');
  const [a, b, c, start] = [newId('A'), newId('B'), newId('C'), daysAhead(3)];

  const first = await startDemo({ data });
  await tell(first, 'calendly', calendly('invitee.created', a, start));
  await tell(first, 'calendly', calendly('invitee.created', c, start));
  await untilIdle(first);
  await moveClock(first, start - 2 * DAY);
  await first.stop();

  const second = await startDemo({ data });
  expect((await second.state()).alarms).toHaveLength(4);
  await tell(second, 'calendly', calendly('invitee.created', b, start + DAY, { old_invitee: calendlyInvitee(a) }));
  await tell(second, 'calendly', calendly('invitee.canceled', c, start));
  await untilIdle(second);
  await second.stop();

  const third = await startDemo({ data });
  try {
    await moveClock(third, start + DAY);
    await untilState(third, `appointment:${a}:v2:2h`, 'ACCEPTED');
    // Both ring at once, and which of the two is worked through first nobody says.
    await untilState(third, `appointment:${a}:v2:24h`, 'ACCEPTED');
    expect((await sandboxOf(third).messages()).map(({ key }) => key).sort()).toEqual([
      `appointment:${a}:v2:24h`,
      `appointment:${a}:v2:2h`,
    ]);
    expect((await third.state()).alarms).toEqual([]);
  } finally {
    await third.stop();
  }
});
