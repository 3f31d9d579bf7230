import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import {
  calendly,
  calendlyInvitee,
  customAppointment,
  DAY,
  daysAhead,
  HOUR,
  moveClock,
  newId,
  tell,
} from './appointments.ts';
import { sandboxOf, startDemo, untilIdle } from './demo.ts';

let stack: LocalStack;
let sandbox: ReturnType<typeof sandboxOf>;

beforeAll(async () => {
  stack = await startDemo();
  sandbox = sandboxOf(stack);
});
afterAll(() => stack.stop());

it('a booking becomes one message per stage', async () => {
  const start = daysAhead(3);
  const id = newId('A');
  expect(await tell(stack, 'custom', customAppointment('booked', id, start))).toMatchObject({
    status: 200,
    body: { queued: 1 },
  });
  await untilIdle(stack);
  console.log(JSON.stringify(await stack.state(), null, 1).slice(0, 3000));
  console.log(await moveClock(stack, start - DAY));
  console.log(await moveClock(stack, start - 2 * HOUR));
  console.log(await sandbox.messages());
  console.log(stack.logs());
});
