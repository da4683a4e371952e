import { LRUCache } from "lru-cache";
import { type PartitionId, partitionId } from "../core/build.ts";

/** The number of partition keys whose last change is remembered, some 10 MB; for others the latest forgotten change counts. */
const rememberedKeys = 50_000;

/** Numbers the changes of read models in the order of their detection, and remembers the last change of each part. */
export function createChangeNumbers() {
  let last = 0;
  let forgotten = 0;
  const ofReadModels = new Map<string, number>();
  const ofPartitions = new Map<PartitionId, number>();
  const ofKeys = new LRUCache<string, number>({
    max: rememberedKeys,
    dispose: (change, _key, reason) => {
      if (reason === "evict") forgotten = Math.max(forgotten, change);
    },
  });

  const next = (readModel: string): number => {
    last++;
    ofReadModels.set(readModel, last);
    return last;
  };

  return {
    last: () => last,
    changedKeys(readModel: string, keys: readonly string[]): void {
      if (keys.length === 0) return;
      const change = next(readModel);
      for (const key of keys) ofKeys.set(`${readModel} ${key}`, change);
    },
    changedPartition(readModel: string, partition: number): void {
      ofPartitions.set(partitionId(readModel, partition), next(readModel));
    },
    lastOf: (readModel: string): number => ofReadModels.get(readModel) ?? 0,
    lastOfKey(readModel: string, key: string, partition: number): number {
      const ofKey = ofKeys.get(`${readModel} ${key}`) ?? forgotten;
      return Math.max(ofKey, ofPartitions.get(partitionId(readModel, partition)) ?? 0);
    },
  };
}
export type ChangeNumbers = ReturnType<typeof createChangeNumbers>;
