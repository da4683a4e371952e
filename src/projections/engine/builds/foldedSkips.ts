import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Build } from "../core/build.ts";
import { highestPosition } from "../core/positions.ts";
import { readSkipsById } from "../log/skips.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";

/**
 * A skipped event that the build has applied (rule 19e): the build is past the event, and has neither left it out nor parked it.
 * Undefined if there is none. Events that the dispatcher left out of its batches are not recorded and count as applied: then a
 * build is rebuilt needlessly, whereas otherwise it could go live with an event that all other builds leave out.
 */
export async function findFoldedSkip(
  dependencies: {
    readonly store: Pick<ReadModelStore, "checkpoints" | "parkedKeys" | "leftOut" | "inPartition">;
    readonly eventStore: Pick<EventStore, "readStream">;
    readonly codec: Codec;
  },
  build: Build,
): Promise<string | undefined> {
  const { store, eventStore, codec } = dependencies;
  const skips = await readSkipsById(eventStore, codec, build.readModel.name);
  if (skips.size === 0) return undefined;
  const passed = highestPosition(await store.checkpoints(build));
  const mayBeFolded = new Set([...skips].filter(([, position]) => position <= passed).map(([eventId]) => eventId));
  const parked = mayBeFolded.size === 0 ? [] : await store.parkedKeys(build);
  for (const { partition, key } of parked) {
    const events = await store.inPartition(build, partition, (session) => session.parked(key), { mayRunTwice: true });
    for (const { event } of events) mayBeFolded.delete(event.id);
  }
  // After the parked events, from which a retry removes skipped ones.
  for (const eventId of mayBeFolded.size === 0 ? [] : await store.leftOut(build)) mayBeFolded.delete(eventId);
  const [found] = mayBeFolded;
  return found;
}

/** Fails a build that contains skipped events, and adds another, which leaves them out from the beginning: both or neither. */
export async function replaceBuild(
  catalog: Pick<BuildCatalog, "replace">,
  build: Build,
  reason: string,
): Promise<void> {
  await catalog.replace(build, reason, { onlyIf: "building" });
}
