/**
 * For every SDK client: a call that hangs must fail while someone still waits for the answer. Shops wait 5 s, which leaves room
 * for a second attempt.
 */
export const AWS_CLIENT = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1_500 },
} as const;
