/** Something the person who runs the stack can put right. Shown as its one message line, without a stack trace. */
export class StartError extends Error {
  override name = 'StartError';
}

/** What runs cannot go on with another assembly; the message says why. */
export class StartAnew extends Error {
  override name = 'StartAnew';
}

/** Somebody asked how it goes; the message tells. */
export class HelpAsked extends Error {
  override name = 'HelpAsked';
}
