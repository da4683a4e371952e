/** Runs one call at a time: callers during a run share its result or rejection. */
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
 * Caches one result for all callers: it is computed once at a time and reused for `ms` milliseconds after it was available.
 * Failures are not cached. `now` is a monotonic clock in milliseconds.
 */
export function cachedFor<Result>(
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
