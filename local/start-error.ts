/** Something the person who runs the stack can put right. Shown as its one message line, without a stack trace. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Somebody asked how it goes; the message tells. */
export class HelpAsked extends Error {
  override name = 'HelpAsked';
}
