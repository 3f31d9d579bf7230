/** Why a line cannot send: its phone must scan the QR code again, WhatsApp shut the number out, or it is just starting. */
export const TROUBLES = ['unlinked', 'banned', 'starting'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** The WhatsApp line behind the token. */
export interface Line {
  readonly id: string;
  sendable: boolean;
  /** Of one that cannot send. */
  trouble?: Trouble;
}

/** The vendor publishes none of these words; they are those of the API that its own follows. */
const WORDS: Readonly<Record<Trouble, { code: number; text: string; lifecycleState: string }>> = {
  unlinked: { code: 3, text: 'QR', lifecycleState: 'qr_required' },
  banned: { code: 5, text: 'ERROR', lifecycleState: 'banned' },
  starting: { code: 2, text: 'LAUNCH', lifecycleState: 'launching' },
};

/** The body of `GET /api/v1/health`: three separate truths, as the contract's sample has them. */
export function healthOf(line: Line) {
  if (line.sendable) {
    return {
      health: { status: { code: 4, text: 'AUTH' } },
      line: { lifecycleState: 'connected', effectiveSendState: 'sendable', sendable: true },
    };
  }
  const { code, text, lifecycleState } = WORDS[line.trouble ?? 'unlinked'];
  return {
    health: { status: { code, text } },
    line: { lifecycleState, effectiveSendState: 'blocked', sendable: false },
  };
}
