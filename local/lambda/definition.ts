/** A function as its processes need to know it. */
export interface FunctionDefinition {
  /** Short name, such as `sender`. */
  name: string;
  arn: string;
  /** Folder of the bundle. */
  folder: string;
  timeoutSeconds: number;
  /** Where each of its processes has a folder of its own for files; usually this machine's place for such. */
  scratch?: string;
  /** All that its processes get, but for PATH and the address of the Runtime API. */
  environment: Record<string, string>;
  /** Its first process starts when it is first called, and not with the stack. */
  isLazy?: boolean;
}

/** One line that a function wrote. */
export interface LogLine {
  /** Short name of the function. */
  function: string;
  line: string;
}
