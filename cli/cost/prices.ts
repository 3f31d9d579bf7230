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
  /** A month, each metric of an alarm: https://aws.amazon.com/cloudwatch/pricing/ */
  alarmMetric: 0.1,
  /** A month; three of an account are free. */
  dashboardMonth: 3,
} as const;

/** Days of a month. */
export const DAYS = 30;

/** Of every function, in GB. */
export const MEMORY = 0.5;

/** To start a function's process, in seconds, which are billed: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase */
export const START = 0.4;

/** Seconds that the watcher takes for one look, its start among them: most of it waiting for the answers of some clients side by side. Nobody measured it yet. */
export const LOOK = 10;

/**
 * What the watcher asks of one client in a month, by how often its checks are due (`cli/doctor/checks`), of a client with everything on: eight
 * queues of dead letters and five rows in each run; the token, and a row for each of a dozen sources, in every second; eight queues and six rows
 * in every third; seven parameters in every hour.
 */
const RUNS = (DAYS * 24 * 60) / 5;
export const WATCHED = {
  standardCalls: 8 * RUNS + (8 * RUNS) / 3,
  reads: 5 * RUNS + (12 * RUNS) / 2 + (6 * RUNS) / 3,
  secretReads: RUNS / 2,
  /** The token and the parameters are decrypted. */
  keyUses: RUNS / 2 + (7 * RUNS) / 12,
} as const;

/** What something calls and takes. */
export interface Use {
  readonly gatewayRequests: number;
  readonly invocations: number;
  readonly gbSeconds: number;
  /** Of 1 KB, each index that is written too among them. */
  readonly writes: number;
  /** Consistent ones; what may be a moment old is half of one. */
  readonly reads: number;
  readonly standardCalls: number;
  readonly fifoCalls: number;
  readonly logBytes: number;
}

/** A line of ours has 130 bytes, the three that Lambda writes for an invocation 310, the gateway's 190; each line 26 of the service's own. */
const logBytes = (lines: number, invocations: number, requests: number): number =>
  lines * (130 + 26) + invocations * (310 + 3 * 26) + requests * (190 + 26);

/** To send a message is received and deleted, too. */
const CALLS = 3;

/** One event that becomes one message, with the usual limits. What is called is counted in test/emulated/cost.test.ts, as is `TOLD`. */
export const SENT: Use = {
  gatewayRequests: 1,
  /** Door, worker, sender. */
  invocations: 3,
  /** 0.05 s at the door, 0.1 s of work, 0.6 s of sending (most of it waiting for EZWhatsApp). */
  gbSeconds: MEMORY * (0.05 + 0.1 + 0.6),
  /** Claim, count of the hour, count of the person's day, settle; the claim and the settling each add the record to an index. */
  writes: 4 + 2,
  /** The person, and what people said of the line. */
  reads: 2,
  standardCalls: CALLS,
  fifoCalls: CALLS,
  logBytes: logBytes(2, 3, 1),
};

/** What EZWhatsApp tells of that message, a delivery each: that it was seen on the line, sent, delivered, read. */
export const TOLD: Use = {
  gatewayRequests: 4,
  /** The receiver and crm-sync each time, escalation of the message itself. */
  invocations: 4 + 4 + 1,
  /** 0.05 s at the door, 0.4 s of crm-sync (most of it waiting for the CRM), 0.1 s of escalation. */
  gbSeconds: MEMORY * (4 * 0.05 + 4 * 0.4 + 0.1),
  /** The deliveries 4, what crm-sync does with each, begun and done, 8, escalation 2; the ledger 8, the person 5; and both indexes once. */
  writes: 4 + 8 + 2 + 8 + 5 + 2,
  reads: 18,
  standardCalls: (4 + 1) * CALLS,
  fifoCalls: 0,
  logBytes: logBytes(9, 9, 4),
};

/** What each five minutes with an event cause, at most: then a secret is read anew, and processes may have gone meanwhile. */
export const PER_WAKE = {
  /** Of five minutes. */
  aMonth: 12 * 24 * DAYS,
  /** The template's function, the sender, the receiver, crm-sync, escalation. */
  gbSeconds: MEMORY * 5 * START,
  /** The line token. */
  secretReads: 1,
  /** That EZWhatsApp was heard, noted once a minute, that it took a message, once an hour, and that a proof was good, once in ten minutes, by each process. */
  writes: 5 + 1 + 1,
  /** Sources, webhook token, CRM, notifiers, and three times the salt: each SecureString is a decryption. */
  parameterReads: 4 + 3,
  /**
   * Tables that each function uses: the sender 2, the receiver 1, crm-sync 3, escalation 3. DynamoDB asks for a table's key anew for each of them after five
   * quiet minutes: https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
   */
  tableKeys: 2 + 1 + 3 + 3,
} as const;
