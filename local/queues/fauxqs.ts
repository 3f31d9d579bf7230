// fauxqs exports its server but not its queue classes, and durable queues need to see every send and delete.
// The version is pinned exactly; this is the only file that reaches inside.
export { SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
export type { ReceivedMessage, SqsMessage } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.d.ts';
