import { GetAccountCommand, GetEmailIdentityCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import type { Finding } from '../finding.ts';
import { administratorsCommand, awsCommand, type Place } from './place.ts';

const identityFinding = async (ses: SESv2Client, identity: string, place: Place): Promise<Finding> => {
  const about = `mail from ${identity}`;
  try {
    const { VerifiedForSendingStatus } = await ses.send(new GetEmailIdentityCommand({ EmailIdentity: identity }));
    if (VerifiedForSendingStatus) return { level: 'good', about, found: 'verified' };
    const what = identity.includes('@')
      ? 'click the link in the mail that AWS sent there'
      : `add the records of its DNS: ${awsCommand(place, `sesv2 get-email-identity --email-identity ${identity}`)}`;
    return { level: 'warning', about, found: 'not verified yet: SES refuses every alert', todo: what };
  } catch (error) {
    if ((error as Error).name !== 'NotFoundException') throw error;
    const domain = identity.includes('@')
      ? '. Where its domain is verified, write that as identity of the notifier instead'
      : '';
    const found = `SES does not know it in ${place.region}, and refuses every alert`;
    const command = administratorsCommand(place, `sesv2 create-email-identity --email-identity ${identity}`);
    return { level: 'warning', about, found, todo: `${command}${domain}` };
  }
};

/** A new account is in the sandbox: https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html */
const sandboxFinding = async (ses: SESv2Client, place: Place): Promise<Finding> => {
  const about = 'who may be mailed';
  const { ProductionAccessEnabled } = await ses.send(new GetAccountCommand({}));
  if (ProductionAccessEnabled) return { level: 'good', about, found: 'anybody' };
  return {
    level: 'warning',
    about,
    found: `verified addresses alone, 200 mails a day: SES has the account in its sandbox in ${place.region}`,
    todo: 'verify each recipient, or ask for production access: SES, Account dashboard, https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html',
  };
};

/** What SES takes of the notifiers that send mail. @param identities from which they send, at least one */
export const mailFindings = (
  ses: SESv2Client,
  identities: readonly string[],
  place: Place,
): readonly Promise<Finding>[] => [
  ...identities.map((one) => identityFinding(ses, one, place)),
  sandboxFinding(ses, place),
];
