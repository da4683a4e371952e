import type { ConcurrencyLimit } from "../platform/concurrencyLimit.ts";

/** The maximum number of concurrent computations of one name: an outdated one, and its successor. */
const maxPerName = 2;

type Making<Begun, Result> = { begun: Begun | undefined; readonly result: Promise<Result> };

export type SharedComputations<Begun, Result> = (ask: {
  readonly name: string;
  /** Whether a result that started with `begun` is still valid. */
  isGood(begun: Begun): boolean;
  make(begun: Begun): Promise<Result>;
  readonly limit: ConcurrencyLimit;
}) => { readonly result: Promise<Result>; readonly isShared: boolean };

/**
 * Coalesces concurrent computations. A caller shares a computation of the same name that has not started yet, or whose start is
 * still valid; otherwise another one is started. While two of a name run, the next one waits for one of them. `begin` is called
 * right before a computation starts. A failure reaches all callers that share it, and no later ones.
 */
export function createSharedComputations<Begun, Result>(begin: () => Begun): SharedComputations<Begun, Result> {
  const byName = new Map<string, Making<Begun, Result>[]>();
  return ({ name, isGood, make, limit }) => {
    const all = byName.get(name) ?? [];
    const found = all.findLast(({ begun }) => begun === undefined || isGood(begun));
    if (found !== undefined) return { result: found.result, isShared: true };

    const run = () =>
      limit(() => {
        const begun = begin();
        making.begun = begun;
        return make(begun);
      });
    const room = all.length < maxPerName ? undefined : Promise.race(all.map(settled));
    const making: Making<Begun, Result> = { begun: undefined, result: Promise.resolve(room).then(run) };
    byName.set(name, all);
    all.push(making);
    settled(making).then(() => {
      all.splice(all.indexOf(making), 1);
      if (all.length === 0) byName.delete(name);
    });
    return { result: making.result, isShared: false };
  };
}

const settled = ({ result }: { readonly result: Promise<unknown> }): Promise<void> =>
  result.then(
    () => {},
    () => {},
  );
