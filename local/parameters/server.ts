import type { Guard } from '../iam/guard.ts';
import { jsonServer } from '../json-service.ts';
import type { ServiceServer } from '../service-server.ts';
import { operations } from './operations.ts';
import { arnOf, ParameterStore, TOO_LONG } from './store.ts';

/** Parameter Store on this machine. In memory: the values come from the secrets file at each start. */
export type ParameterServer = ServiceServer<ParameterStore>;

const ofRequest = (request: unknown): string => {
  const { Name } = request as { Name?: string };
  return Name === undefined ? '*' : arnOf(Name);
};

export const ParameterServer = {
  start(guard?: Guard): Promise<ParameterServer> {
    const store = new ParameterStore();
    const service = { prefix: 'AmazonSSM.', service: 'ssm', operations, store, arnOf: ofRequest, tooLong: TOO_LONG };
    return jsonServer(service, guard);
  },
};
