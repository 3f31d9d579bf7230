/** The WhatsApp line behind the token: on, or waiting for its owner to scan the QR code again. */
export interface Line {
  readonly id: string;
  sendable: boolean;
}

/** The body of `GET /api/v1/health`: three separate truths, as the contract's sample has them. */
export function healthOf(line: Line) {
  if (line.sendable) {
    return {
      health: { status: { code: 4, text: 'AUTH' } },
      line: { lifecycleState: 'connected', effectiveSendState: 'sendable', sendable: true },
    };
  }
  return {
    health: { status: { code: 3, text: 'QR' } },
    line: { lifecycleState: 'qr_required', effectiveSendState: 'blocked', sendable: false },
  };
}
