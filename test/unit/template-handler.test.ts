import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { ourEvent } from '../../functions/shared/door/our-event.ts';
import type { Source } from '../../functions/shared/door/source.ts';
import { templateHandler } from '../../functions/shared/door/template-handler.ts';
import type { EventTimes, OwnSettings, SourceEvent } from '../../functions/shared/door/whose.ts';
import { Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';

vi.stubEnv('SOURCES_SECRET', 'sources');
vi.stubEnv('DELIVERIES_TABLE', 'deliveries');
vi.stubEnv('WORK_QUEUE_URL', 'http://127.0.0.1:1/work');
const manager = mockClient(SSMClient);
manager.on(GetParameterCommand).resolves({ Parameter: { Value: '{"asked":"secret"}' } });
afterAll(() => manager.restore());
const written = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
afterEach(() => vi.clearAllMocks());

/** What becomes of one reference in the work queue, with this look-up. */
const worked = async (
  lookUp: () => Promise<SourceEvent | undefined>,
  settings: OwnSettings = {},
  times: EventTimes = { began: undefined, happened: undefined },
) => {
  const asked: Source<SourceEvent, typeof ourEvent.settings, object> = {
    ...ourEvent,
    parse: () => [],
    lookUp,
  };
  const [onEvent, onLost] = [vi.fn(async () => {}), vi.fn(async () => {})];
  const handler = await templateHandler({
    name: 'a-template',
    sources: { asked },
    settings: { asked: settings },
    times: () => times,
    onEvent,
    onLost,
    isLate: () => false,
  });
  const body = JSON.stringify({ source: 'asked', reference: {}, id: '7', occurredAt: '2026-11-22T10:00:00.000Z' });
  const record = { messageId: 'm', receiptHandle: 'r', body, attributes: { ApproximateReceiveCount: '1' } };
  const result = await handler({ Records: [record] } as never, { getRemainingTimeInMillis: () => 30_000 } as Context);
  return { result, onEvent, onLost };
};

it('an event that turns out to mean nothing leaves no trace but a line in the log', async () => {
  const { result, onEvent, onLost } = await worked(async () => undefined);
  expect(result).toEqual({ batchItemFailures: [] });
  expect(onEvent).not.toHaveBeenCalled();
  expect(onLost).not.toHaveBeenCalled();
  expect(written.mock.calls.flat().join()).toContain('means_nothing');
});

it('an event that was looked up goes on, one that can never be is recorded, and one that may be comes back', async () => {
  expect((await worked(async () => ({ id: '7' }))).onEvent).toHaveBeenCalledWith({ id: '7', source: 'asked' });
  const lost = await worked(() => Promise.reject(new Permanent('not_found', 'It is not there.')));
  expect(lost.onLost).toHaveBeenCalledWith(
    expect.objectContaining({ id: '7', state: 'REJECTED', reason: 'not_found' }),
  );
  const later = await worked(() => Promise.reject(new Unavailable('busy', 'Not now.')));
  expect(later.result).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
});

const BEFORE = '2026-11-21T10:00:00.000Z';
const AFTER = '2026-11-23T10:00:00.000Z';
const OLD = { state: 'EXPIRED', reason: 'before_since' };

it('what happened before the source was turned on is not asked for, and is recorded under its own id', async () => {
  const lookUp = vi.fn(async () => ({ id: '7' }));
  const { onLost, onEvent } = await worked(lookUp, { since: AFTER, idPrefix: 'haifa', idPrefixSince: AFTER });
  expect(lookUp).not.toHaveBeenCalled();
  expect(onEvent).not.toHaveBeenCalled();
  expect(onLost).toHaveBeenCalledWith({
    id: 'haifa\uFFFD7',
    source: 'asked',
    occurredAt: '2026-11-22T10:00:00.000Z',
    ...OLD,
    about: {},
  });
});

it('what turns out to have happened before, when it was asked for, is recorded and not sent', async () => {
  const times = { began: BEFORE, happened: BEFORE };
  const { onLost, onEvent } = await worked(async () => ({ id: '70' }), { since: '2026-11-22T00:00:00.000Z' }, times);
  expect(onEvent).not.toHaveBeenCalled();
  expect(onLost).toHaveBeenCalledWith({ id: '70', source: 'asked', occurredAt: BEFORE, ...OLD, about: { id: '70' } });
});

it('what ends something has no time before which it is old', async () => {
  const { onEvent } = await worked(async () => ({ id: '7' }), { since: '2026-11-22T00:00:00.000Z' });
  expect(onEvent).toHaveBeenCalledWith({ id: '7', source: 'asked' });
});

it('an event has its prefix with both its ids, or the ids without it too where it does not tell when it began', async () => {
  const moved = async () => ({ id: '8', previousId: '7' });
  const prefixed = { id: 'a\uFFFD8', previousId: 'a\uFFFD7', source: 'asked' };
  expect((await worked(moved, { idPrefix: 'a' })).onEvent).toHaveBeenCalledWith(prefixed);
  const own = { idPrefix: 'a', idPrefixSince: '2026-11-22T00:00:00.000Z' };
  const began = (at: string | undefined) => ({ began: at, happened: undefined });
  expect((await worked(moved, own, began(AFTER))).onEvent).toHaveBeenCalledWith(prefixed);
  const plain = { id: '8', previousId: '7', source: 'asked' };
  expect((await worked(moved, own, began(BEFORE))).onEvent).toHaveBeenCalledWith(plain);
  const unknown = { ...prefixed, plain: { id: '8', previousId: '7', until: own.idPrefixSince } };
  expect((await worked(moved, own)).onEvent).toHaveBeenCalledWith(unknown);
});
