import type { Client } from '../../lib/client.ts';
import { surelyFails } from '../doctor/before-deploy.ts';
import { Failed } from '../terminal/errors.ts';
import { progress } from '../terminal/output.ts';

/** Where the CDK is told by its own options how it was let in, its usual way in says nothing. */
const OWN_BOOTSTRAP = /bootstrapQualifier|^--toolkit-stack-name/;

/**
 * Asks what takes a second and would make the CDK fail minutes later, or with words that say no way out: the credentials, the CDK's own way
 * into the account, the stack's state. What is not known stops nobody.
 * @param options for the CDK
 * @throws Failed, and nothing was changed
 */
export const assertReady = async (client: Client, options: readonly string[]): Promise<void> => {
  const { aws } = client;
  if (!aws) return;
  const { bad, unasked } = await surelyFails({ ...client, aws });
  if (unasked) progress(`Not looked at beforehand: ${unasked.found}.`);
  const own = options.some((one) => OWN_BOOTSTRAP.test(one));
  const stops = bad.filter(({ about }) => !(own && about === 'CDK bootstrap'));
  if (stops.length === 0) return;
  const said = stops.map(({ about, found, todo }) => `${about}: ${found} → ${todo}`);
  throw new Failed(`Nothing was deployed. ${said.join(' · ')}`);
};
