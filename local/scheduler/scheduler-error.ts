/** An answer of EventBridge Scheduler that is not a success. `name` is the exception's name in the protocol. */
export class SchedulerError extends Error {
  readonly status: number;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export const notFound = (what: string): SchedulerError =>
  new SchedulerError(404, 'ResourceNotFoundException', `${what} does not exist.`);

export const invalid = (message: string): SchedulerError => new SchedulerError(400, 'ValidationException', message);
