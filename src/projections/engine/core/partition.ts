import { fnv1a } from "../../../domain/fnv1a.ts";

/** The partition of a partition key: its FNV-1a mod `partitions`. It must never change: rows and checkpoints of builds depend on it. */
export function partitionOf(partitionKey: string, partitions: number): number {
  return fnv1a(partitionKey) % partitions;
}
