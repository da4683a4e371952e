/**
 * An error that is part of normal operation, such as a refused command. It has no stack trace, which would cost more than the
 * rest of the response.
 */
export class ExpectedError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
