/** Something about a source that a person has to see to. It holds no personal data: it goes to chat tools and pagers as it is. */
export interface Notice {
  readonly kind: 'notice';
  /** Each is told once by every notifier, however often it is handed over: 60 days long. At most 200 characters. */
  readonly id: string;
  /** A short code for programs, such as `scope_missing`. */
  readonly code: string;
  /** One sentence for people: what is wrong and what to do. */
  readonly says: string;
  /** Where it comes from: `<template>/<source>`. */
  readonly source: string;
  readonly severity: 'warning' | 'critical';
  /** ISO 8601, when it happened. */
  readonly at: string;
  /** Where people look, of one that is about a conversation. */
  readonly conversationId?: string | undefined;
  /** Whom it is about, `masked`. */
  readonly who?: string | undefined;
}

/** What a source says of itself; its `id` is apart from those of other sources. */
export type OwnNotice = Omit<Notice, 'kind' | 'source'>;
