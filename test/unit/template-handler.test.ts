import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, it, vi } from 'vitest';
import { ourEvent } from '../../functions/shared/door/our-event.ts';
import type { Source } from '../../functions/shared/door/source.ts';
import { templateHandler } from '../../functions/shared/door/template-handler.ts';
import type { SourceEvent } from '../../functions/shared/door/whose.ts';
import { Permanent, Unavailable } from '../../functions/shared/runtime/errors.ts';

process.env.SOURCES_SECRET = 'sources';
process.env.WORK_QUEUE_URL = 'http://127.0.0.1:1/work';
mockClient(SecretsManagerClient)
  .on(GetSecretValueCommand)
  .resolves({ SecretString: '{"asked":"secret"}', VersionId: '1' });
const written = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
afterEach(() => vi.clearAllMocks());

/** What becomes of one reference in the work queue, with this look-up. */
const worked = async (lookUp: () => Promise<SourceEvent | undefined>) => {
  const asked: Source<SourceEvent, typeof ourEvent.settings, object> = {
    ...ourEvent,
    parse: () => [],
    lookUp,
  };
  const [onEvent, onLost] = [vi.fn(async () => {}), vi.fn(async () => {})];
  const handler = await templateHandler({
    name: 'a-template',
    sources: { asked },
    settings: { asked: {} },
    times: () => ({ began: undefined, happened: undefined }),
    onEvent,
    onLost,
    isLate: () => false,
  });
  const body = JSON.stringify({ source: 'asked', reference: {}, id: '7', occurredAt: '2026-11-22T10:00:00.000Z' });
  const record = { messageId: 'm', receiptHandle: 'r', body, attributes: { ApproximateReceiveCount: '1' } };
  const result = await handler({ Records: [record] } as never, {} as Context);
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
