/** What was asked for cannot be: an argument, an option, a file, an answer. Exit code 2. The message is one line and says what to write. */
export class WrongInput extends Error {
  override readonly name = 'WrongInput';
}

/** What was asked for was tried and did not work out. Exit code 1. The message is one line and says what to do. */
export class Failed extends Error {
  override readonly name = 'Failed';
}
