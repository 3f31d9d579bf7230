/**
 * AWS list prices in us-east-1, in US dollars, without free tiers: https://aws.amazon.com/<service>/pricing/. Look again before you quote them to a
 * client.
 */
export const PRICES = {
  on: '2026-11-28',
  region: 'us-east-1',
  httpApiRequest: 1.0 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  /** On arm64. */
  lambdaGbSecond: 0.0000133334,
  /** On demand; 1 KB written, 4 KB read consistently. */
  dynamoDbWrite: 0.625 / 1e6,
  dynamoDbRead: 0.125 / 1e6,
  sqsCall: 0.4 / 1e6,
  sqsFifoCall: 0.5 / 1e6,
  secretMonth: 0.4,
  secretCall: 0.05 / 10_000,
  /** Keys that AWS manages have no monthly fee; their use is charged: https://aws.amazon.com/kms/pricing/ */
  kmsCall: 0.03 / 10_000,
  schedulerRing: 1.0 / 1e6,
  logGigabyte: 0.5,
} as const;

/** Days of a month. */
export const DAYS = 30;

/** Of every function, in GB. */
export const MEMORY = 0.5;

/** To start a function's process, in seconds, which are billed: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase */
export const START = 0.4;

/** What one event causes that becomes one message, with the usual limits; test/emulated/cost.test.ts counts what is called. */
export const PER_EVENT = {
  gatewayRequests: 1,
  /** Door, worker, sender. */
  invocations: 3,
  /** 0.05 s at the door, 0.1 s of work, 0.6 s of sending (most of it waiting for EZWhatsApp). */
  gbSeconds: MEMORY * (0.05 + 0.1 + 0.6),
  /** Claim, count of the hour, count of the person's day, settle; and one index each that the claim and the settling add the record to. */
  writes: 4 + 2,
  /** The person, and what people said of the line. */
  reads: 2,
  /** Send, receive, delete. */
  standardCalls: 3,
  fifoCalls: 3,
  /** Two lines of ours (130), three for each invocation by Lambda (310 together), one of the gateway (190), each with 26 of the service's own. */
  logBytes: 2 * (130 + 26) + 3 * (310 + 3 * 26) + 190 + 26,
} as const;

/** What each five minutes with an event cause, at most: then a secret is read anew, and processes may have gone meanwhile. */
export const PER_WAKE = {
  /** Of five minutes. */
  aMonth: 12 * 24 * DAYS,
  /** The template's function, the sender. */
  gbSeconds: MEMORY * 2 * START,
  /** The line token. */
  secretReads: 1,
  /** The template's sources, the salt: each SecureString is a decryption. */
  parameterReads: 2,
  /** Of the ledger and the contacts: https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html */
  tableKeys: 2,
} as const;
