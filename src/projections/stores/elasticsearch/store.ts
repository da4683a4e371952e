import type { ReadModelStore } from "../../engine/ports/readModelStore.ts";
import { readLeftOut } from "../postgres/leftOut.ts";
import { listParked, readParkedKeys } from "../postgres/parkedKeys.ts";
import { visibleWithinMs } from "./aliases.ts";
import { readCheckpoints } from "./checkpoints.ts";
import type { Context } from "./context.ts";
import { refresh } from "./documents.ts";
import { classify, isLost } from "./errors.ts";
import { fill } from "./fill.ts";
import { createInPartition } from "./inPartition.ts";
import { drop, open } from "./open.ts";
import { findRows, loadRows } from "./rows.ts";
import { snapshot } from "./snapshot.ts";
import { takeOver } from "./takeOver.ts";

/**
 * Read models in Elasticsearch: one index per build, with rows and checkpoints as documents. There are no transactions: events
 * count once because of external versions, and because rows record which events they have seen (docs/projection-protocol.md,
 * rules 20 to 24c).
 */
export function createElasticsearchStore(context: Context): ReadModelStore {
  const { pool } = context;
  return {
    open: (build) => open(context, build),
    checkpoints: (build) => readCheckpoints(context, build),
    parkedKeys: (build) => readParkedKeys(pool, build),
    parked: (build, page = { limit: 100 }) => listParked(pool, build, page),
    leftOut: (build) => readLeftOut(pool, build),
    inPartition: createInPartition(context),
    load: (build, keys) => loadRows(context, build, keys),
    async find(build, patterns) {
      const found = new Map<string, ReadonlyMap<string, Record<string, unknown>>>();
      for (const name of patterns.keys()) {
        const kept = await findRows(context, build, patterns);
        found.set(name, new Map([...kept].map(([text, { row }]) => [text, row])));
      }
      return found;
    },
    fill: (build, what, stop) => fill(context, build, what, stop),
    snapshot: (build, work) => snapshot(context, build, work),
    refresh: (build) => refresh(context, build),
    visibleWithinMs: () => visibleWithinMs,
    takeOver: (next, previous, mayTakeOver) => takeOver(context, next, previous, mayTakeOver),
    drop: (build) => drop(context, build),
    classify,
    isLost,
  };
}
