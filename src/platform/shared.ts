/** One piece of work at a time: who asks while it is on its way gets what it resolves to, or rejects with. */
export function singleFlight<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let flying: Promise<Result> | undefined;
  return () => {
    if (flying !== undefined) return flying;
    const begun = Promise.resolve()
      .then(work)
      .finally(() => {
        if (flying === begun) flying = undefined;
      });
    flying = begun;
    return begun;
  };
}

/**
 * One answer for all who ask: it is made once at a time, and kept for `ms` milliseconds from when it was there. A failure
 * is not kept. `now` is in milliseconds, of a clock that never goes back.
 */
export function sharedFor<Result>(
  ms: number,
  make: () => Promise<Result>,
  now: () => number = () => performance.now(),
): () => Promise<Result> {
  let kept: { readonly result: Result; readonly until: number } | undefined;
  const makeOnce = singleFlight(async () => {
    const result = await make();
    kept = { result, until: now() + ms };
    return result;
  });
  return async () => (kept !== undefined && now() < kept.until ? kept.result : makeOnce());
}
