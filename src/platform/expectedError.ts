/**
 * An error that is an answer, such as the refusal of a command: who threw it is no question, so it has no stack, which
 * would cost more than the rest of the answer.
 */
export class ExpectedError extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
