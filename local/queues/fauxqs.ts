// fauxqs exports its server but not its queue classes, and durable queues need to see every send and delete.
// The version is pinned exactly; this is the only file that reaches inside.
import { INVALID_MESSAGE_BODY_CHAR } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';

export { SqsError } from '../../node_modules/fauxqs/dist/common/errors.js';
export { sendMessage } from '../../node_modules/fauxqs/dist/sqs/actions/sendMessage.js';
export { SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
export type { InflightEntry, ReceivedMessage, SqsMessage } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.d.ts';
export { calculateMessageSize } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';

// It refuses every character beyond U+FFFF, which SQS takes: limits.ts has looked before.
INVALID_MESSAGE_BODY_CHAR.test = () => false;
