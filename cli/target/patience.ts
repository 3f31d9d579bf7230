/** For the operator's SDK clients: the network may be slow and the way to the region long, but nothing waits for ever. */
export const PATIENT = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 5_000,
    requestTimeout: 10_000,
    socketTimeout: 10_000,
    throwOnRequestTimeout: true,
  },
} as const;

/** A call with all its attempts, and with a log-in that a tool of the operator's makes for it. */
export const PATIENCE_MS = 60_000;
