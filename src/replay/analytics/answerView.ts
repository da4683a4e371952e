import { setTimeout as sleep } from "node:timers/promises";
import { literal } from "../duck/database.ts";
import type { DuckLimits } from "../duck/limits.ts";
import { isPaged, notePaged } from "./olderSnapshots.ts";
import { openSnapshots } from "./openSnapshots.ts";
import { noteAsked, publishedViews, readPublished, type Snapshot } from "./published.ts";

/** The maximum age of a snapshot, the time to wait for a younger one, and the interval of the checks, in milliseconds. */
const oldestMs = 30_000;
const patienceMs = 10_000;
const lookEveryMs = 200;

/** The interval (ms) at which a request for a view is noted: far shorter than the time after which it is forgotten. */
const noteEveryMs = 60_000;

/** A place between rows of a snapshot, which is named by its id. */
export type ViewPlace = { readonly snapshot: string; readonly offset: number };

export type AskedView = {
  readonly view: string;
  readonly bookId: string | undefined;
  /** Days of China, as 2026-11-28: inclusive both. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: number;
  /** The place to continue from; undefined: from the first row of the current snapshot. */
  readonly after: ViewPlace | undefined;
};

export type ViewAnswer = Pick<Snapshot, "position" | "at" | "events"> & {
  /** Whether it is older than 30 seconds: a younger one was not made in time, or the rows before were of it. */
  readonly stale: boolean;
  /** At most `limit` rows; `next` is the place to continue from if there are more. */
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: ViewPlace | undefined;
};

/** A view has no such column as a filter is of. */
export class NoSuchColumn extends Error {
  override readonly name = "NoSuchColumn";
  readonly field: "bookId" | "from" | "to";
  constructor(field: NoSuchColumn["field"], view: string) {
    super(`${view} has no column for it`);
    this.field = field;
  }
}

/** The snapshot of the previous pages has expired. */
export class SnapshotLost extends Error {
  override readonly name = "SnapshotLost";
  constructor() {
    super("The snapshot of the previous pages has expired; begin without a cursor.");
  }
}

/**
 * Answers published views from the current snapshot: at most 30 seconds old, or what there is if none was made in time; undefined if
 * there is none. Later pages are of the snapshot of the first. Rejects with NoSuchColumn or SnapshotLost.
 */
export function createAnalytics(folder: string, patience = patienceMs, limits?: DuckLimits) {
  const query = openSnapshots(folder, limits);
  const noted = new Map<string, number>();

  const note = async (view: string) => {
    const now = performance.now();
    if (now - (noted.get(view) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return;
    await noteAsked(folder, view);
    noted.set(view, now);
  };

  const isYoung = ({ at }: Snapshot) => Date.now() - Date.parse(at) <= oldestMs;

  const youngest = async (view: string): Promise<Snapshot | undefined> => {
    const giveUpAt = performance.now() + patience;
    for (;;) {
      const current = await readPublished(folder);
      const found = current?.views.includes(view) ? current : undefined;
      if ((found !== undefined && isYoung(found)) || performance.now() >= giveUpAt) return found;
      await sleep(lookEveryMs);
    }
  };

  const sameAsBefore = async (view: string, id: string): Promise<Snapshot> => {
    const current = await readPublished(folder);
    const snapshot = current && [current, ...current.older].find((one) => one.id === id);
    if (snapshot === undefined || !snapshot.views.includes(view)) throw new SnapshotLost();
    // Files that no worker has deleted may be far older, and have readers who were erased since.
    if (!(snapshot === current && isYoung(snapshot)) && !(await isPaged(folder, snapshot))) throw new SnapshotLost();
    return snapshot;
  };

  return async (asked: AskedView): Promise<ViewAnswer | undefined> => {
    const { view, limit, after } = asked;
    const where = conditionsOf(asked);
    await note(view);
    const snapshotNow = () => (after === undefined ? youngest(view) : sameAsBefore(view, after.snapshot));
    let snapshot = await snapshotNow();
    if (snapshot === undefined) return undefined;
    const offset = after?.offset ?? 0;
    const rowsIn = ({ id }: Snapshot) =>
      query<Record<string, unknown>>(
        id,
        // Rows come in the order in which they were written: that of all columns.
        (name) => `SELECT * FROM ${name}.${view} ${where} LIMIT ${limit + 1} OFFSET ${offset}`,
      );
    const rows = await rowsIn(snapshot).catch(async (error: unknown) => {
      // It may have been deleted since it was looked up.
      const another = await snapshotNow();
      if (another === undefined || another.id === snapshot?.id) throw error;
      snapshot = another;
      return rowsIn(another);
    });
    const goesOn = rows.length > limit;
    if (goesOn) await notePaged(folder, snapshot);
    const { position, at, events } = snapshot;
    return {
      position,
      at,
      events,
      stale: !isYoung(snapshot),
      items: rows.slice(0, limit),
      next: goesOn ? { snapshot: snapshot.id, offset: offset + limit } : undefined,
    };
  };
}

function conditionsOf({ view, bookId, from, to }: AskedView): string {
  const conditions: string[] = [];
  const { day, book } = publishedViews.find(({ name }) => name === view) ?? {};
  if (bookId !== undefined) {
    if (book === undefined) throw new NoSuchColumn("bookId", view);
    conditions.push(`${book} = ${literal(bookId)}`);
  }
  for (const [field, value, sign] of [["from", from, ">="] as const, ["to", to, "<="] as const]) {
    if (value === undefined) continue;
    if (day === undefined) throw new NoSuchColumn(field, view);
    conditions.push(`${day} ${sign} ${literal(value)}::DATE`);
  }
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
}
