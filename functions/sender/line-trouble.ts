import type { Health } from '../shared/ezwhatsapp/line-api.ts';
import { type LineTrouble, lineTroubleOf } from '../shared/ezwhatsapp/line-trouble.ts';
import type { Control, Trouble } from '../shared/ledger/line-control.ts';
import { reasonOf } from '../shared/runtime/errors.ts';
import type { SenderTools } from './send.ts';

const SAYS: Readonly<Record<LineTrouble, string>> = {
  unlinked:
    'The line is not linked to its phone any more: whoever has the phone must scan the QR code in the workspace. Messages wait meanwhile, and leave by themselves afterwards if they still help.',
  banned:
    'The workspace says that WhatsApp has shut this number out. Nothing leaves any more, also when the line is back, until "ezw line resume" is typed.',
};

/** A link that comes and goes within this time was never mended: nobody is told of it anew. */
const CALM_MS = 10 * 60_000;

/** What stands after a health answer: the very same where nothing is new. A line that sends again was linked by somebody, so that ends by itself. */
const troubleAfter = (health: Health, before: Trouble | undefined, now: number): Trouble | undefined => {
  // Shut out until a person lets it go: a burst of what has waited is how the next ban comes.
  if (before?.kind === 'banned') return before;
  const kind = lineTroubleOf(health);
  if (kind !== undefined && kind !== before?.kind) return { kind, at: now };
  if (!before) return undefined;
  const isOver = before.calmSince !== undefined && now - before.calmSince >= CALM_MS;
  if (kind !== undefined && isOver) return { kind, at: now };
  if (kind !== undefined) return before.calmSince === undefined ? before : { ...before, calmSince: undefined };
  if (!health.sendable) return before;
  if (before.calmSince === undefined) return { ...before, calmSince: now };
  return isOver ? undefined : before;
};

/**
 * Notes what a health answer says that only people can mend, and tells them, once for each time that it begins. Best effort: what
 * fails here is done with the next message.
 */
export const noteTrouble = async (
  health: Health,
  { trouble: known }: Control,
  { control, tell, log, now }: Pick<SenderTools, 'control' | 'tell' | 'log' | 'now'>,
): Promise<void> => {
  const stands = (before: Trouble | undefined) => troubleAfter(health, before, now());
  try {
    if ((known === undefined || known.told) && stands(known) === known) return;
    const { trouble } = await control.change((one) => {
      const after = stands(one.trouble);
      return after === one.trouble ? one : { ...one, trouble: after };
    });
    if (!trouble || trouble.told || trouble.calmSince !== undefined) return;
    const { kind, at } = trouble;
    const code = `line_${kind}`;
    log('error', { event: 'line', reason: code });
    await tell({
      id: `${code}#${at}`,
      code,
      says: SAYS[kind],
      source: 'sender',
      severity: 'critical',
      at: new Date(at).toISOString(),
    });
    await control.change((one) => (one.trouble?.at === at ? { ...one, trouble: { ...one.trouble, told: true } } : one));
  } catch (error) {
    log('warn', { event: 'line', reason: reasonOf(error), outcome: 'not_noted' });
  }
};
