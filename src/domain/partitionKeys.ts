import type { KeySource, PartitionKeyKind, StreamFacts } from "./stream.ts";
import { categoryOf, idOf, streams } from "./streams.ts";

export type { PartitionKeyKind };

const declared: readonly StreamFacts[] = streams;
const keysByCategory = new Map(declared.map(({ category, keys }) => [category, keys]));

/**
 * The partition key of an event, from its stream name and raw data alone: the dispatcher needs it even for events whose schema
 * it does not know. The stream's declaration says where the key is. Undefined if the event has no such key.
 */
export function partitionKeyOf(kind: PartitionKeyKind, stream: string, data: unknown): string | undefined {
  const category = categoryOf(stream);
  const source = category && keysByCategory.get(category)?.[kind];
  return source && (source === "id" ? idOf(stream) : fieldOf(source, data));
}

function fieldOf({ field }: Exclude<KeySource, "id">, data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, field)) return undefined;
  const value: unknown = Reflect.get(data, field);
  return typeof value === "string" ? value : undefined;
}
