import type { LoggedEvent } from "./log.ts";

/** A shelf that is no more in the log, and what was. No other shelf has its books. */
export type Erased = {
  readonly readerId: string;
  readonly events: readonly LoggedEvent[];
  /** When the scavenge had ended. */
  readonly scavengedAt: Date;
};

/** The live build of a read model. */
export type LiveBuild = { readonly number: number; readonly isFirst: boolean; readonly createdAt: Date };

/**
 * A build that was made before the scavenge applied the events of an erased shelf, unless it was filled late; one that was made
 * afterwards never saw them. So its rows are there wholly or not at all: wholly in the first build, not at all in one made
 * after the scavenge. `folded` and `stored` are rows as text by key. Returns what is not so.
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
