import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Duck, literal, openDuck } from "../duck/database.ts";
import type { DuckLimits } from "../duck/limits.ts";
import { noteAsked, type Published, publishedViews, readPublished } from "./published.ts";

/** How old a snapshot should be at most, how long a younger one is waited for, and how often it is looked for, in milliseconds. */
const oldestMs = 30_000;
const patienceMs = 10_000;
const lookEveryMs = 200;

/** How often it is noted that somebody asks for a view, in milliseconds: far more often than it is forgotten. */
const noteEveryMs = 60_000;

export type AskedView = {
  readonly view: string;
  readonly bookId: string | undefined;
  /** Days, as 2026-11-28: inclusive both. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: number;
  readonly offset: number;
};

export type ViewAnswer = Pick<Published, "position" | "at" | "events"> & {
  /** Whether it is older than 30 seconds: a younger one was not made in time. */
  readonly stale: boolean;
  readonly items: readonly Readonly<Record<string, unknown>>[];
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

/**
 * Answers published views from the current snapshot: at most 30 seconds old, or what there is if none was made in time; undefined if
 * there is none. Rejects with NoSuchColumn.
 */
export function createAnalytics(folder: string, patience = patienceMs, limits?: DuckLimits) {
  let open: { readonly file: string; readonly duck: Promise<Duck> } | undefined;
  const noted = new Map<string, number>();

  const note = async (view: string) => {
    const now = performance.now();
    if (now - (noted.get(view) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return;
    await noteAsked(folder, view);
    noted.set(view, now);
  };

  const databaseOf = (file: string): NonNullable<typeof open> => {
    if (open?.file !== file) {
      // Who is being answered from the one before keeps it: DuckDB closes it when that is done.
      void open?.duck.then((duck) => setTimeout(() => duck.close(), oldestMs).unref()).catch(() => undefined);
      open = {
        file,
        duck: openDuck({ path: join(folder, file), readOnly: true, threads: 1, limits }),
      };
      open.duck.catch(() => {
        open = undefined;
      });
    }
    return open;
  };

  const isYoung = ({ at }: Published) => Date.now() - Date.parse(at) <= oldestMs;

  const youngest = async (view: string): Promise<Published | undefined> => {
    const giveUpAt = performance.now() + patience;
    for (;;) {
      const current = await readPublished(folder);
      const found = current?.views.includes(view) ? current : undefined;
      if ((found !== undefined && isYoung(found)) || performance.now() >= giveUpAt) return found;
      await sleep(lookEveryMs);
    }
  };

  return async (asked: AskedView): Promise<ViewAnswer | undefined> => {
    const where = conditionsOf(asked);
    await note(asked.view);
    const current = await youngest(asked.view);
    if (current === undefined) return undefined;
    const duck = await databaseOf(current.file).duck;
    // Rows come in the order in which they were written: that of all columns.
    const items = await duck.rows(`SELECT * FROM ${asked.view} ${where} LIMIT ${asked.limit} OFFSET ${asked.offset}`);
    const { position, at, events } = current;
    return { position, at, events, stale: !isYoung(current), items };
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
