import { expect, it } from 'vitest';
import { walked } from '../../cli/appointments/appointments.ts';
import type { Target } from '../../cli/target/target.ts';
import demo from '../../clients/demo.ts';

const lambda = { Type: 'AWS::Lambda::Function', Metadata: { 'ezw:name': 'appointment-reminder' } };
const targetOf = (client: Target['client'], Resources: Target['template']['Resources']) =>
  ({ client, template: { Resources }, tables: { appointments: 'physical' } }) as unknown as Target;

it('nothing is put into a queue that nobody works off: with the template off, or not deployed yet, the command says so', () => {
  expect(walked(targetOf(demo, { Worker: lambda }))).toEqual({ name: 'appointment-reminder', table: 'physical' });
  expect(() => walked(targetOf(demo, {}))).toThrow(/on in the client file and not in this stack: deploy it first/);
  expect(() => walked(targetOf({ ...demo, templates: {} }, { Worker: lambda }))).toThrow(
    /no template on that sets alarms/,
  );
});
