import type { ConcurrencyLimit } from "./concurrencyLimit.ts";

/** How many makings of one name may run at once: one that is outdated, and its successor. */
const mostOfOneName = 2;

type Making<Begun, Result> = { begun: Begun | undefined; readonly result: Promise<Result> };

export type SingleFlight<Begun, Result> = (ask: {
  readonly name: string;
  /** Whether what was begun then still does. */
  isGood(begun: Begun): boolean;
  make(begun: Begun): Promise<Result>;
  readonly limit: ConcurrencyLimit;
}) => { readonly result: Promise<Result>; readonly isShared: boolean };

/**
 * Makes what several ask for at once a single time. Who asks shares a making of the same name that has not begun, or whose
 * beginning is still good; otherwise another one is made. When two of a name run, the next begins after one of them. `begin`
 * is called right before something is made. A failure reaches all who share it, and nobody after.
 */
export function createSingleFlight<Begun, Result>(begin: () => Begun): SingleFlight<Begun, Result> {
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
    const room = all.length < mostOfOneName ? undefined : Promise.race(all.map(settled));
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
