import type { LoggedEvent } from "./log.ts";

/** A shelf that is no longer in the log, and its former contents. No other shelf has its books. */
export type Erased = {
  readonly readerId: string;
  readonly events: readonly LoggedEvent[];
  /** When the scavenge had ended. */
  readonly scavengedAt: Date;
};

/** The live build of a read model. */
export type LiveBuild = { readonly number: number; readonly isFirst: boolean; readonly createdAt: Date };

/**
 * A build from before the scavenge applied the events of an erased shelf, unless it was filled late; a later build never saw them.
 * So it has all of the shelf's rows or none: all in the first build, none in one created after the scavenge. `folded` and `stored`
 * are rows as text by key. Returns the deviations.
 */
export function checkErased(
  { readerId, scavengedAt }: Erased,
  folded: ReadonlyMap<string, string>,
  stored: ReadonlyMap<string, string>,
  build: LiveBuild,
): string | undefined {
  const isWhole = stored.size === folded.size && [...folded].every(([key, row]) => stored.get(key) === row);
  if (build.createdAt > scavengedAt ? stored.size === 0 : build.isFirst ? isWhole : isWhole || stored.size === 0)
    return undefined;
  const made = `build ${build.number} of ${build.createdAt.toISOString()}, scavenged until ${scavengedAt.toISOString()}`;
  return `of the erased shelf of ${readerId} there is ${JSON.stringify([...stored])} (${made})`;
}
