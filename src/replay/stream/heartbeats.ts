/**
 * Pieces of a text, and an empty line whenever none has come for `ms` milliseconds, whatever the work on the next one does meanwhile. The next
 * piece is begun when it is asked for. `begin` is given a signal that is aborted with `signal`, and when the consumer leaves.
 */
export async function* withHeartbeats(
  begin: (signal: AbortSignal) => AsyncIterable<string>,
  ms: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const leave = new AbortController();
  const iterator = begin(AbortSignal.any([signal, leave.signal]))[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const came = await within(next, ms);
      if (came?.done) return;
      yield came === undefined ? "\n" : came.value;
      if (came !== undefined) next = iterator.next();
    }
  } finally {
    leave.abort();
    await iterator.return?.();
  }
}

/** Resolves with the result of the promise, or undefined if that takes longer than `ms`. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
