import { expect, it } from 'vitest';
import { alarmName } from '../../functions/appointment-reminder/alarm-name.ts';

it('an alarm goes by the name that it had in every release, so that one which waits is still moved and cleared', () => {
  const first = { appointmentId: 'A-1', version: 1, stage: '24h' };
  expect(alarmName(first, false)).toBe('24h-v1-ee9f52af443d3da1c9dab3b5b5e9988c');
  const later = { appointmentId: 'A-1', version: 12, stage: 'P2D' };
  expect(alarmName(later, true)).toBe('P2D-v12-aceba41f4fc8a46e6bb6337348dfd3fa-again');
  const foreign = { appointmentId: 'תור 7', version: 1, stage: '2h' };
  expect(alarmName(foreign, false)).toBe('2h-v1-ede0e08ef4688f4ac6de7bacd133ab61');
});
