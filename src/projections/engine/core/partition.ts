/**
 * The partition of a partition key: FNV-1a (32 bits, http://www.isthe.com/chongo/tech/comp/fnv/) over its UTF-16 units, mod
 * `partitions`. It must never change: rows and checkpoints of builds depend on it.
 */
export function partitionOf(partitionKey: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index++) {
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
