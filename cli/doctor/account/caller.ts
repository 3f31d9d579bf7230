import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { isUnreachable, oneLine } from '../../run.ts';
import { hasKeys } from '../../target/log-in.ts';
import { isForbidden, isUnknownToAws } from '../../terminal/errors.ts';
import type { Finding } from '../finding.ts';
import { administratorsCommand, credentialsName, loginCommand, type Place } from './place.ts';
import { whyUnknown } from './unknown.ts';

/**
 * Who asks, as AWS knows them. `known`, and `unsure` where that cannot be told: all else can be asked. `unasked`: nothing can be asked from
 * here, though the CDK may get through. `refused`: neither can it.
 */
export interface Caller {
  readonly verdict: 'known' | 'unsure' | 'unasked' | 'refused';
  readonly finding: Finding;
}

const about = 'credentials';
/** Of this command and of the one that deploys. */
const OTHER_PROFILE = 'set AWS_PROFILE, or add --profile <name> (to a deployment: -- --profile <name>)';
const refused = (found: string, todo: string): Caller => ({
  verdict: 'refused',
  finding: { level: 'bad', about, found, todo },
});

/** Where each account of a partition is known, whichever regions it has. Those of China and of governments are all on. */
const homeOf = ({ region }: Place): string | undefined => (/^(?:cn|us-gov)-/.test(region) ? undefined : 'us-east-1');

/** What makes a region take credentials that AWS knows elsewhere. */
const openRegion = (place: Place): string =>
  `it is switched on within minutes: ${administratorsCommand({ region: 'us-east-1' }, `account enable-region --region-name ${place.region}`)}. If it is on (account get-region-opt-status), your session is of the global endpoint: log in again with AWS_STS_REGIONAL_ENDPOINTS=regional`;

/** Of a region that does not know who AWS knows: STS may, where all else does not. */
export const closedRegion = (place: Place): Finding => ({
  level: 'bad',
  about: 'region',
  found: `${place.region} does not take credentials that AWS knows: a region that was opened after March 2019 is off until an account asks for it`,
  todo: openRegion(place),
});

type Ask = (region: string) => Promise<string | undefined>;

/** The account whose credentials these are, as STS says it in a region. */
export const asking =
  (open: (region: string) => STSClient): Ask =>
  async (region) =>
    (await open(region).send(new GetCallerIdentityCommand({}))).Account;

const isExpired = ({ name, message }: Error): boolean =>
  /^(ExpiredToken|RequestExpired)/.test(name) ||
  (/^(Credentials|Token)ProviderError$/.test(name) && /expired|re-?authenticate|aws sso login/i.test(message));

/** Of no credentials, or of such as AWS turns away wherever it is asked. */
const refusal = (error: Error): Caller => {
  const who = credentialsName();
  if (isExpired(error)) {
    return refused(
      `the session of ${who} is over`,
      `log in as you did: ${loginCommand()}. Keys that were copied are fetched anew where you had them`,
    );
  }
  if (/^(Credentials|Token)ProviderError$/.test(error.name)) {
    return refused(
      `none are found: ${who} has none (${oneLine(error.message)})`,
      `${OTHER_PROFILE}: "aws configure list-profiles" shows which there are, "aws configure sso" makes one`,
    );
  }
  return refused(
    `AWS does not know ${who} (${error.name}): a key that was deleted or switched off, or one of another kind of AWS`,
    `look at it with "aws sts get-caller-identity"; log in again, ${loginCommand()}, or set another AWS_PROFILE`,
  );
};

/** Who is asked about, and by what. */
interface Question {
  readonly ask: Ask;
  readonly place: Place;
  readonly clientName: string;
}

const ofAnother = (account: string | undefined, { place, clientName }: Question): Caller =>
  refused(
    `${credentialsName()} is of the account ${account}, and clients/${clientName}.ts says ${place.account}`,
    `${OTHER_PROFILE}; if the client belongs into ${account}, write that`,
  );

/** Not known in the region: not at all, or only there. */
const unknownThere = async (question: Question, error: Error): Promise<Caller> => {
  const { ask, place } = question;
  const home = homeOf(place);
  const account = home === undefined || home === place.region ? undefined : await ask(home).catch(() => undefined);
  if (account === undefined) return refusal(error);
  if (account !== place.account) return ofAnother(account, question);
  return { verdict: 'refused', finding: closedRegion(place) };
};

const unasked = (level: Finding['level'], found: string, todo: string): Caller => ({
  verdict: 'unasked',
  finding: { level, about, found, todo },
});

const failed = async (question: Question, error: Error): Promise<Caller> => {
  const { place } = question;
  const who = credentialsName();
  const { name, message } = error;
  // https://github.com/aws/aws-cdk/issues/32312: the CDK asks for the code.
  if (/multi-factor/i.test(message)) {
    const found = `${who} wants a code (MFA), for which the CDK asks and this command does not: nothing was looked at`;
    const todo = `eval "$(aws configure export-credentials --format env${process.env.AWS_PROFILE ? ` --profile ${process.env.AWS_PROFILE}` : ''})", then this again without the profile`;
    return unasked('warning', found, todo);
  }
  if (isUnreachable(error)) {
    const todo = `is this machine online, and is there a region ${place.region}? Behind a proxy the CDK gets through (--proxy), and this command does not`;
    return unasked('bad', `AWS cannot be reached in ${place.region} (${error.code}): nothing was looked at`, todo);
  }
  if (name === 'RegionDisabledException') {
    return refused(
      `STS is not active in ${place.region} for this account`,
      `whoever runs the account switches it on: IAM, Account settings, Security Token Service, ${place.region}`,
    );
  }
  // Of the role of a profile, before anything was asked.
  if (isForbidden(error) && /sts:AssumeRole/.test(message)) {
    return refused(
      `${who} may not take the role that it names`,
      "ask whoever runs the account to name you in the role's trust, or set another AWS_PROFILE",
    );
  }
  if (/^(SignatureDoesNotMatch|InvalidSignature|IncompleteSignature)/.test(name)) {
    return refused(
      `the secret of ${who} is not that of its key (${name})`,
      'write it anew: "aws configure". If it is right, set the clock of this machine',
    );
  }
  if (isExpired(error)) return refusal(error);
  if (isUnknownToAws(error)) return unknownThere(question, error);
  const found = `not known whose they are: ${whyUnknown(error)}`;
  return { verdict: 'unsure', finding: { level: 'warning', about, found } };
};

/**
 * A profile and keys beside each other: the SDK takes the profile, and the CDK the keys (`shouldPrioritizeEnv`), so that what is looked at
 * here is not what deploys. A profile that the CDK is given by its own option comes first there too.
 */
export const twoLogIns = (): Caller | undefined => {
  const { AWS_PROFILE } = process.env;
  if (!AWS_PROFILE || !hasKeys()) return undefined;
  return refused(
    `two log-ins: this command goes by the profile ${AWS_PROFILE} (AWS_PROFILE), and the CDK by the key in AWS_ACCESS_KEY_ID`,
    'unset one: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN", or "unset AWS_PROFILE"',
  );
};

/** Asks AWS who asks, in the region of the client file. It never throws. */
export const callerOf = async (question: Question): Promise<Caller> => {
  const { ask, place } = question;
  try {
    const account = await ask(place.region);
    if (account !== place.account) return ofAnother(account, question);
    const found = `of the account ${account}, by ${credentialsName()}`;
    return { verdict: 'known', finding: { level: 'good', about, found } };
  } catch (error) {
    return failed(question, error as Error);
  }
};
