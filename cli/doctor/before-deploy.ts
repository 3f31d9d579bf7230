import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { bounded } from '../../functions/shared/runtime/aws.ts';
import type { Client } from '../../lib/client.ts';
import { mailIdentities } from '../../lib/mail-identities.ts';
import { unplaced } from '../deploy/placed.ts';
import { PATIENCE_MS, PATIENT } from '../target/patience.ts';
import { isForbidden } from '../terminal/errors.ts';
import { bootstrapFinding } from './account/bootstrap.ts';
import { asking, type Caller, callerOf, closedRegion, twoLogIns } from './account/caller.ts';
import { mailFindings } from './account/mail.ts';
import { nameFinding } from './account/names.ts';
import type { Place } from './account/place.ts';
import { roomFindings } from './account/room.ts';
import { type Standing, standingOf } from './account/standing.ts';
import { whyUnknown } from './account/unknown.ts';
import type { Finding } from './finding.ts';

/** The services of a place, by one log-in. @param patienceMs of a call with all its attempts */
const servicesOf = ({ region }: Place, patienceMs: number) => {
  const { credentials } = bounded(new STSClient({ ...PATIENT, region }), patienceMs).config;
  const shared = { ...PATIENT, region, credentials };
  return {
    ask: asking((region) => bounded(new STSClient({ ...shared, region }), patienceMs)),
    ssm: bounded(new SSMClient(shared), patienceMs),
    cloudFormation: bounded(new CloudFormationClient(shared), patienceMs),
    secrets: bounded(new SecretsManagerClient(shared), patienceMs),
    lambda: bounded(new LambdaClient(shared), patienceMs),
    ses: bounded(new SESv2Client(shared), patienceMs),
  };
};
type Services = ReturnType<typeof servicesOf>;

interface Asked {
  readonly client: Client;
  readonly place: Place;
  readonly caller: Caller;
  readonly services: Services;
}

type Found = Finding | readonly Finding[];

const TURNED_AWAY = /^(InvalidClientTokenId|UnrecognizedClientException)$/;

/** What is refused, or not answered in time, is not known, and hides nothing else. */
const looked = async (
  { place, caller }: Pick<Asked, 'place' | 'caller'>,
  about: string,
  found: Promise<Found>,
): Promise<readonly Finding[]> => {
  try {
    return [await found].flat();
  } catch (thrown) {
    const error = thrown as Error;
    if (TURNED_AWAY.test(error.name) && caller.verdict === 'known') return [closedRegion(place)];
    const todo = 'have it looked at by somebody who may, or go on: the deployment itself does not need it';
    const found = `not known: ${whyUnknown(error)}`;
    return [{ level: 'warning', about, found, ...(isForbidden(error) && { todo }) }];
  }
};

/** Of several questions that learn the same each would say it. */
const once = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((one) => [JSON.stringify(one), one])).values(),
];

/** Without which the CDK would begin in vain. */
const firstLooks = (asked: Asked, standing: Promise<Standing>): readonly Promise<readonly Finding[]>[] => [
  looked(asked, 'CDK bootstrap', bootstrapFinding(asked.services.ssm, asked.place)),
  looked(
    asked,
    'stack',
    standing.then(({ finding }) => finding),
  ),
];

/** Of a stack that stands they are its own; of one that cannot be seen that is said already. */
const names = async ({ services, client, place }: Asked, standing: Promise<Standing>): Promise<Found> => {
  const { isBare } = await standing.catch(() => ({ isBare: false }));
  return isBare ? nameFinding(services.secrets, client, place) : [];
};

const moreLooks = (asked: Asked, standing: Promise<Standing>): readonly Promise<readonly Finding[]>[] => {
  const { client, place, services } = asked;
  const identities = mailIdentities(client.escalation.notifiers);
  return [
    looked(asked, 'names', names(asked, standing)),
    looked(asked, 'room for functions', roomFindings(services.lambda, place)),
    ...(identities.length === 0 ? [] : mailFindings(services.ses, identities, place)).map((one) =>
      looked(asked, 'mail', one),
    ),
  ];
};

/** How it is asked. */
export interface Asking {
  /** Of each call with all its attempts. */
  readonly patienceMs?: number;
  /** The profile is an option of the command, and will be one of the CDK's: it comes before any key there too. */
  readonly hasOwnProfile?: boolean;
}

interface Looks {
  readonly caller: Caller;
  readonly findings: readonly Finding[];
}

/** First who asks, then all else side by side. */
const look = async (
  client: Client & { readonly aws: Place },
  { patienceMs = PATIENCE_MS, hasOwnProfile = false }: Asking,
  all: boolean,
): Promise<Looks> => {
  const two = hasOwnProfile ? undefined : twoLogIns();
  if (two) return { caller: two, findings: [] };
  const { aws: place } = client;
  const services = servicesOf(place, patienceMs);
  const caller = await callerOf({ ask: services.ask, place, clientName: client.name });
  if (caller.verdict === 'unasked' || caller.verdict === 'refused') return { caller, findings: [] };
  const asked = { client, place, caller, services };
  const standing = standingOf(services.cloudFormation, client, place);
  const looks = [...firstLooks(asked, standing), ...(all ? moreLooks(asked, standing) : [])];
  return { caller, findings: once((await Promise.all(looks)).flat()) };
};

/** What can be known before a deployment, and is asked of an account; nothing is changed. */
export const beforeDeploy = async (client: Client, how: Asking = {}): Promise<readonly Finding[]> => {
  const about = 'client file';
  const problems = unplaced(client).map(({ found, todo }): Finding => ({ level: 'bad', about, found, todo }));
  const file: readonly Finding[] =
    problems.length > 0 ? problems : [{ level: 'good', about, found: `clients/${client.name}.ts` }];
  const { aws } = client;
  if (!aws) return file;
  const { caller, findings } = await look({ ...client, aws }, how, true);
  return [...file, caller.finding, ...findings];
};

/** Of a deployment that is about to begin: whoever cannot be asked soon is not waited for. */
const SOON_MS = 20_000;

/**
 * What makes a deployment fail for certain, and what is not known because nobody could be asked. What is not known keeps nobody from
 * deploying.
 */
export const surelyFails = async (
  client: Client & { readonly aws: Place },
  how: Asking,
): Promise<{ readonly bad: readonly Finding[]; readonly unknown?: Finding }> => {
  const { caller, findings } = await look(client, { patienceMs: SOON_MS, ...how }, false);
  if (caller.verdict === 'unasked') return { bad: [], unknown: caller.finding };
  const bad = [caller.finding, ...findings].filter(({ level }) => level === 'bad');
  return caller.verdict === 'unsure' ? { bad, unknown: caller.finding } : { bad };
};
