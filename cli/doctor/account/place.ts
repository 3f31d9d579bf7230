import type { Client } from '../../../lib/client.ts';

/** Where a client file is deployed. */
export type Place = NonNullable<Client['aws']>;

/** Whose credentials these are, as the SDK picks them: a profile that is named comes first. */
export const credentialsName = (): string => {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID } = process.env;
  if (AWS_PROFILE) return `the profile ${AWS_PROFILE}`;
  return AWS_ACCESS_KEY_ID ? 'the key in AWS_ACCESS_KEY_ID' : 'the profile default';
};

/** By the same profile, from any shell. */
const byProfile = (): string => (process.env.AWS_PROFILE ? ` --profile ${process.env.AWS_PROFILE}` : '');

/** A command of AWS's own, to be typed as it stands. */
export const awsCommand = ({ region }: Pick<Place, 'region'>, words: string): string =>
  `aws ${words} --region ${region}${byProfile()}`;

/** The same of one that docs/deployer-policy.json does not let everybody type who deploys. */
export const administratorsCommand = (place: Pick<Place, 'region'>, words: string): string =>
  `an administrator types: ${awsCommand(place, words)}`;

export const bootstrapCommand = ({ account, region }: Place, more = ''): string =>
  `npx cdk bootstrap aws://${account}/${region}${more}${byProfile()}`;

export const loginCommand = (): string => `aws sso login${byProfile()} (or: aws login${byProfile()})`;
