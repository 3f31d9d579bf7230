/** What was asked for cannot be: an argument, an option, a file, an answer. Exit code 2. The message is one line and says what to write. */
export class WrongInput extends Error {
  override readonly name = 'WrongInput';
}

/** What was asked for was tried and did not work out. Exit code 1. The message is one line and says what to do. */
export class Failed extends Error {
  override readonly name = 'Failed';
}

/** A client's stack is not where it was looked for. */
export class NotDeployed extends Failed {}

/** Names of the SDK's errors that mean "who are you?". */
const NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredTokenException',
  'ExpiredToken',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'TokenProviderError',
]);

export const isUnknownToAws = ({ name }: Error): boolean => NO_CREDENTIALS.has(name);

/** What whoever asks may not do. */
export const isForbidden = ({ name }: Error): boolean =>
  /^(AccessDenied|NotAuthorized|UnauthorizedOperation)/.test(name);

/** What whoever asks lacks. The whole of what AWS says names people and accounts. */
export const lackedBy = ({ message }: Error): string =>
  /not authorized to perform: ([\w:-]+)/.exec(message)?.[1] ?? 'a permission that AWS does not name';

/** Whether AWS, or what stands in for it, did not do its part, whoever asks. */
export const isOfAws = (error: unknown): error is Error =>
  error instanceof Error &&
  ('$metadata' in error || error.name === 'TimeoutError') &&
  !isUnknownToAws(error) &&
  !isForbidden(error);
