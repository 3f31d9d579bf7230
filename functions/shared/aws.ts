/**
 * For every SDK client: a call that hangs must fail while the caller can still be told to come again (Shopify waits 5 s).
 * Three attempts of at most 1.5 s each.
 */
export const AWS_CLIENT = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_500 },
} as const;
