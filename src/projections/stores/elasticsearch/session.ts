import type { LogPoint } from "../../engine/core/batch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { LoadedRows } from "../../engine/core/changes.ts";
import type { Row } from "../../engine/core/declaration.ts";
import type { Found, Patterns } from "../../engine/core/plan.ts";
import type { ByTable, Checkpoint, PartitionSession } from "../../engine/ports/readModelStore.ts";
import type { Context } from "./context.ts";
import { declared } from "./layout.ts";
import type { Parking } from "./parking.ts";
import type { Pending } from "./pending.ts";
import { findRows, loadRows } from "./rows.ts";

/** A session, and where it has moved the checkpoint; undefined if it has not. */
export type OpenSession = PartitionSession & { readonly end: () => LogPoint | undefined };

/** A session on a partition that keeps its writes in memory: work that rejects has sent nothing. */
export function openSession(
  context: Context,
  build: Build,
  partition: number,
  checkpoint: Checkpoint,
  { pending, parking }: { readonly pending: Pending; readonly parking: Parking },
): OpenSession {
  const { name } = declared(build);
  let end: LogPoint | undefined;

  const load = async (keys: ByTable<readonly Row[]>): Promise<LoadedRows> => {
    const loaded = await loadRows(context, build, keys);
    const rows = new Map(loaded.rows.get(name));
    for (const key of keys.get(name) ?? []) {
      const text = pending.textOf(key);
      const changed = pending.of(text);
      if (changed === null) rows.delete(text);
      else if (changed !== undefined) rows.set(text, changed);
    }
    return { rows: new Map([[name, rows]]), seenUpTo: loaded.seenUpTo };
  };

  const find = async (patterns: Patterns): Promise<Found> => {
    if (!patterns.has(name)) return new Map();
    const found = new Map<string, Row>();
    for (const [text, { row }] of await findRows(context, build, patterns, partition)) {
      if (pending.of(text) === undefined) found.set(text, row);
    }
    for (const pattern of patterns.get(name) ?? []) {
      for (const [text, { row }] of pending.likeHere(pattern)) found.set(text, row);
    }
    return new Map([[name, [...found.values()]]]);
  };

  return {
    checkpoint,
    parkedKeys: () => parking.keys(),
    parked: (key) => parking.events(key),
    load,
    find,
    write: (changes) => pending.add(changes),
    park: async (events) => parking.park(events),
    unpark: async (key, kept = []) => parking.unpark(key, kept),
    leaveOut: async (eventIds) => parking.leaveOut(eventIds),
    async advance(upTo) {
      end = upTo;
    },
    end: () => end,
  };
}
