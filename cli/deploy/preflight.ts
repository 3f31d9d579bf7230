import type { Client } from '../../lib/client.ts';
import { surelyFails } from '../doctor/before-deploy.ts';
import { Failed } from '../terminal/errors.ts';
import { progress } from '../terminal/output.ts';

/** Where the CDK is told by its own options how it was let in, its usual way in says nothing. */
const OWN_BOOTSTRAP = /bootstrapQualifier|^--toolkit-stack-name/;
const OWN_PROFILE = /^--profile(?:=|$)/;

/**
 * Asks what takes a second and would make the CDK fail minutes later, or with words that say no way out: the credentials, the CDK's own way
 * into the account, the stack's state. What is not known stops nobody.
 * @param options for the CDK
 * @returns whether AWS said that this is the client's account
 * @throws Failed, and nothing was changed
 */
export const assertReady = async (client: Client, options: readonly string[]): Promise<boolean> => {
  const { aws } = client;
  if (!aws) return false;
  const { bad, unknown } = await surelyFails(
    { ...client, aws },
    { hasOwnProfile: options.some((one) => OWN_PROFILE.test(one)) },
  );
  if (unknown) progress(`Not looked at beforehand: ${unknown.found}.`);
  const own = options.some((one) => OWN_BOOTSTRAP.test(one));
  const stops = bad.filter(({ about }) => !(own && about === 'CDK bootstrap'));
  if (stops.length === 0) return !unknown;
  const said = stops.map(({ about, found, todo }) => `${about}: ${found} → ${todo}`);
  throw new Failed(`Nothing was deployed. ${said.join(' · ')}`);
};
