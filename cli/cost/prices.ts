/** AWS list prices in us-east-1, in US dollars, without free tiers. Look again before you quote them to a client. */
export const PRICES = {
  on: '2026-11-22',
  region: 'us-east-1',
  httpApiRequest: 1.0 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  dynamoDbWrite: 0.625 / 1e6,
  dynamoDbRead: 0.125 / 1e6,
  sqsCall: 0.4 / 1e6,
  sqsFifoCall: 0.5 / 1e6,
  secretMonth: 0.4,
  secretCall: 0.05 / 10_000,
  logGigabyte: 0.5,
} as const;

/** What one event causes; counted in the code and measured on an idle line. */
export const PER_EVENT = {
  gatewayRequests: 1,
  /** Door, worker, sender. */
  invocations: 3,
  /** 0.5 GB for 0.05 s at the door, 0.1 s of work, 0.6 s of sending (most of it waiting for EZWhatsApp). */
  gbSeconds: 0.5 * (0.05 + 0.1 + 0.6),
  /** Claim, count, settle; each is written to one index too. */
  writes: 5,
  reads: 0,
  /** Send, receive, delete. */
  standardCalls: 3,
  fifoCalls: 3,
  logBytes: 4 * 600,
} as const;

/** What a stack costs without any event: Lambda asks each queue around the clock. */
export const PER_MONTH = {
  /** Line token, sources, webhook token, CRM, notifiers, salt. */
  secrets: 6,
  secretCalls: 6 * 12 * 24 * 30,
  /** Five pollers a queue, each asking every 20 s. */
  pollsPerQueue: 5 * 3 * 60 * 24 * 30,
  fifoQueues: 1,
  /** CRM sync and escalation; each template has one more. */
  standardQueues: 2,
} as const;
