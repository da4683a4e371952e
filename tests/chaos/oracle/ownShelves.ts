import { idOf } from "../../../src/domain/streams.ts";
import { shelf } from "../../../src/projections/shelf/shelf.ts";
import type { LoggedEvent } from "./log.ts";
import { foldReadModel } from "./readModels.ts";
import { foldShelves, placed } from "./shelves.ts";
import { siftFor } from "./tables.ts";

/**
 * Compares the rules of the read model `shelf` with an independent fold: the books and groups of all readers who are not erased, in
 * their order. `compareTables` compares the tables with the read model's own fold. Returns a line for each difference.
 */
export function checkOwnShelves(events: readonly LoggedEvent[]): readonly string[] {
  const erased = new Set(events.filter(({ type }) => type === "ReaderErased").map(({ stream }) => idOf(stream)));
  const { applied } = siftFor(shelf, events);
  const folded = foldReadModel(shelf, applied);
  const own = foldShelves(applied.filter(({ stream }) => stream.startsWith("shelf-") && !erased.has(idOf(stream))));
  const pairs = [
    [own.books, placed(folded.get("shelf_books") ?? new Map(), "newest first")],
    [own.groups, placed(folded.get("shelf_groups") ?? new Map(), "newest last")],
  ] as const;
  return pairs.flatMap(([right, found]) => {
    const keys = [...new Set([...right.keys(), ...found.keys()])];
    return keys.flatMap((key) => {
      const [there, wanted] = [asText(found.get(key)), asText(right.get(key))];
      return there === wanted ? [] : [`the rules of the shelf make of ${key}: ${there} instead of ${wanted}`];
    });
  });
}

function asText(row: Readonly<Record<string, unknown>> | undefined): string {
  const fields = Object.entries(row ?? {}).map(([column, value]) => [
    column,
    value instanceof Date ? value.toISOString() : value === null ? null : String(value),
  ]);
  return JSON.stringify(fields.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}
