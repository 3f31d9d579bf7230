import { HelpAsked, StartError } from '../local/start-error.ts';

/** What `read` reads of the command line and the environment. What is wrong there ends the script with one line and exit code 2, `--help` with 0. */
export function orExit<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof HelpAsked) {
      console.log(error.message);
      process.exit(0);
    }
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
