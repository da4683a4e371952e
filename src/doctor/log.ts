import { lastScavenge } from "../event-store/scavenges.ts";
import type { EventStore } from "../event-store/types.ts";
import type { Pool } from "../platform/postgres.ts";
import { createCatalog } from "../projections/catalog/catalog.ts";
import type { ReadModel } from "../projections/engine/core/declaration.ts";
import { findMismatch } from "../projections/engine/log/logCheck.ts";
import type { ReadModelStore } from "../projections/engine/ports/readModelStore.ts";
import type { Finding } from "./check.ts";
import { ownBuilds } from "./ownBuilds.ts";
import { checkpointsOf } from "./postgres.ts";

/** For how long the log may seem to end before a checkpoint (ms): the whole check has five seconds. */
const lagMs = 1_000;

/**
 * Checks that the log is the one that the read models were built from, and that no scavenge was left unfinished; undefined if
 * all is well. Works without a dispatcher. If Postgres does not answer, only the log is checked.
 */
export async function checkLog(
  eventStore: Pick<EventStore, "readLogAt" | "readStream">,
  stores: { readonly pool: Pool; readonly store: Pick<ReadModelStore, "checkpoints"> } | undefined,
  readModels: readonly ReadModel[],
): Promise<Finding | undefined> {
  // Another check reports whether Postgres answers.
  const fed = stores === undefined ? [] : await readCheckpoints(stores, readModels).catch(() => []);
  for (const { build, checkpoints } of fed) {
    const mismatch = await findMismatch(eventStore, checkpoints, lagMs);
    if (mismatch === undefined) continue;
    const { partition, checkpoint, found } = mismatch;
    const message = `it does not hold event ${checkpoint.eventId} at ${checkpoint.position}, which partition ${partition} of ${build} applied last: ${found}`;
    return { status: "failed", message, hint: "see log_mismatch in docs/troubleshooting.md#stopped-partitions" };
  }
  const scavenge = await lastScavenge(eventStore);
  if (scavenge === undefined || scavenge.ended) return undefined;
  const message = `a scavenge by ${scavenge.begunBy} began at ${scavenge.begunAt.toISOString()} and has not ended; erasures wait for it`;
  return { status: "warning", message, hint: "if its process is gone: heima scavenge --force" };
}

async function readCheckpoints(
  { pool, store }: { readonly pool: Pool; readonly store: Pick<ReadModelStore, "checkpoints"> },
  readModels: readonly ReadModel[],
) {
  const catalog = createCatalog(pool);
  const builds = await ownBuilds(catalog, readModels);
  return Promise.all(
    builds
      .filter(({ filled, state }) => filled || state === "live")
      .map(async (build) => ({ build: build.name, checkpoints: (await checkpointsOf(store, build)) ?? [] })),
  );
}
