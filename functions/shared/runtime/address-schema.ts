import * as z from 'zod/mini';

/** An address of the web, in the client file. */
export const httpsUrl = z.url({ protocol: /^https$/, error: 'write an https address' });

/** An address outside, in the client file. Plain http is for this machine alone: the stand-ins of the local stack. */
export const outsideUrl = z
  .string()
  .check(z.regex(/^(https:\/\/[^\s/@]+|http:\/\/127\.0\.0\.1(:\d+)?)(\/\S*)?$/, 'write an https address'));
