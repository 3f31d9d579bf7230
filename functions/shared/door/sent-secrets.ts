import type { SourceRequest } from './source.ts';

/** Secrets that came as they are: in the path, for senders that send no headers of the site's choice, or in a header. */
export const secretsIn = ({ pathSecret, headers }: SourceRequest): string[] => {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return [pathSecret, headers['x-ezw-secret'], bearer].filter((one) => one !== undefined);
};
