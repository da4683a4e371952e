import { LRUCache } from "lru-cache";
import type { StreamState } from "./streamState.ts";

/** Stream states by name: an LRU cache bounded by an estimate of its bytes. */
export type StateCache = {
  get(stream: string): StreamState<unknown> | undefined;
  set(state: StreamState<unknown>): void;
  drop(stream: string): void;
};

/**
 * A stream's size is estimated again after this many updates or commands: estimating every time would take three times as long
 * as the rest.
 */
const maxUncounted = 4;

type Entry = { state: StreamState<unknown>; sets: number; readonly commands: number };

export function createStateCache(maxBytes: number): StateCache {
  const sizeCalculation = ({ state }: Entry) => sizeOf(state);
  const cache = new LRUCache<string, Entry>({ maxSize: maxBytes, sizeCalculation });
  return {
    get: (stream) => cache.get(stream)?.state,
    set(state) {
      const entry = cache.peek(state.stream);
      const commands = state.known.size;
      if (entry !== undefined && ++entry.sets < maxUncounted && commands < entry.commands + maxUncounted) {
        entry.state = state;
      } else cache.set(state.stream, { state, sets: 0, commands });
    },
    drop: (stream) => void cache.delete(stream),
  };
}

const bytesOfEntry = 500;

function sizeOf({ state, known }: StreamState<unknown>): number {
  return Math.ceil(bytesOfEntry + known.bytes + estimateBytes(state));
}

/**
 * A rough estimate of the bytes of a value made of plain objects, arrays, sets and maps. A collection's first element stands
 * for all, so that the cost does not grow with the state.
 */
function estimateBytes(value: unknown): number {
  if (typeof value === "string") return 24 + value.length * 2;
  if (typeof value !== "object" || value === null) return 8;
  if (Array.isArray(value)) return 32 + value.length * (8 + estimateBytes(value[0]));
  if (value instanceof Set) return 64 + value.size * (32 + estimateBytes(value.values().next().value));
  if (value instanceof Map) return 64 + value.size * (40 + estimateBytes(value.entries().next().value));
  let bytes = 32;
  for (const part of Object.values(value)) bytes += 8 + estimateBytes(part);
  return bytes;
}
