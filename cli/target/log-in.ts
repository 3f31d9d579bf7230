/** Whether the shell has a key and its secret. */
export const hasKeys = (): boolean => Boolean(process.env.AWS_ACCESS_KEY_ID && process.env.AWS_SECRET_ACCESS_KEY);

/**
 * The CDK and AWS's own command take AWS_DEFAULT_PROFILE where AWS_PROFILE says nothing, and the SDK does not: all are to go by one. Where
 * there are keys all take these.
 */
export const takeDefaultProfile = (): void => {
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE } = process.env;
  if (!AWS_PROFILE && AWS_DEFAULT_PROFILE && !hasKeys()) process.env.AWS_PROFILE = AWS_DEFAULT_PROFILE;
};
