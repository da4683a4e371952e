import { type Batch, type KeyedEvent, outcomeWithoutApplying } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { parkingKeyOf, withoutKey } from "../core/parkingKey.ts";
import { maxErrorLength, maxParkedKeys } from "../core/parkingLimits.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import type { Applied } from "./applyBatch.ts";

/** Parks the single event of a batch with its error, and advances past it; later events of its key will be parked too. */
export function parkPoison(
  store: ReadModelStore,
  build: Build,
  batch: Batch,
  event: KeyedEvent,
  error: string,
): Promise<Applied> {
  return store.inPartition(build, batch.partition, async (session) => {
    const { position } = session.checkpoint;
    const parkedKeys = new Set((await session.parkedKeys()).keys());
    const outcome = outcomeWithoutApplying(batch, position);
    if (outcome !== undefined) return { outcome, parkedKeys };
    const key = parkingKeyOf(event);
    await session.park([{ key, event: withoutKey(event), error: error.slice(0, maxErrorLength) }]);
    await session.advance(batch.upTo);
    return { outcome: "applied", parkedKeys: new Set([...parkedKeys, key]) };
  });
}

/** Returns whether an event of this key may be parked in the build. A key that is parked in several partitions counts once. */
export async function mayPark(store: ReadModelStore, build: Build, key: string): Promise<boolean> {
  const checkpoints = await store.checkpoints(build);
  // At least as many as there are keys.
  if (checkpoints.reduce((sum, { parkedKeys }) => sum + parkedKeys, 0) < maxParkedKeys) return true;
  const keys = new Set((await store.parkedKeys(build)).map((parked) => parked.key));
  return keys.has(key) || keys.size < maxParkedKeys;
}
