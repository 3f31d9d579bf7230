import type { SendRecord } from '../../functions/shared/ledger/rules.ts';
import type { Fact, OutboundAttempt } from './report.ts';

type Delivered = SendRecord & { readonly delivery?: { readonly status: string } };

export const iso = (ms: number): string => new Date(ms).toISOString();

/** When it was accepted: the record's last change, for nothing is written after it but how far it got. */
const acceptedAt = (record: SendRecord): string | undefined =>
  record.state === 'ACCEPTED' ? iso(record.updatedAt) : undefined;

const answerOf = ({ response }: SendRecord): string | undefined =>
  response && [response.status, response.id].filter((part) => part !== undefined).join(' ');

/** Key, POSTs, answer, accepted, delivered – the last two are never one. */
export const sendFacts = (record: SendRecord): readonly Fact[] => {
  const { delivery } = record as Delivered;
  const accepted = acceptedAt(record);
  const answer = answerOf(record);
  return [
    { label: 'key', value: record.key },
    { label: 'posts', value: String(record.attempts) },
    ...(answer === undefined ? [] : [{ label: 'answer', value: answer } as const]),
    ...(accepted === undefined ? [] : [{ label: 'accepted', value: accepted } as const]),
    { label: 'delivered', value: delivery?.status ?? { say: 'not_reported' } },
  ];
};

export const outboundAttempt = (record: SendRecord): OutboundAttempt => {
  const { key, template, state, reason, attempts } = record;
  const { delivery } = record as Delivered;
  const answer = answerOf(record);
  const accepted = acceptedAt(record);
  return {
    key,
    template,
    state,
    attempts,
    ...(reason !== undefined && { reason }),
    ...(answer !== undefined && { answer }),
    ...(accepted !== undefined && { acceptedAt: accepted }),
    ...(delivery && { delivery: delivery.status }),
  };
};
