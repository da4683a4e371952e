import { idOf } from "../../../src/domain/streams.ts";
import { collected } from "../../../src/projections/collected/collected.ts";
import { heat } from "../../../src/projections/heat/heat.ts";
import type { LoggedEvent } from "./log.ts";
import { foldReadModel } from "./readModels.ts";
import { foldShelves } from "./shelves.ts";
import { siftFor } from "./tables.ts";

/**
 * Checks that erased readers are not counted, independently of the read models: the number of a book's shelves, and its heat,
 * include only readers who are not erased. `compareTables` compares the tables with the same fold. Returns a line for each
 * difference.
 */
export function checkCounts(events: readonly LoggedEvent[]): readonly string[] {
  const erased = new Set(events.filter(({ type }) => type === "ReaderErased").map(({ stream }) => idOf(stream)));
  const sifted = siftFor(collected, events).applied;
  const others = sifted.filter(({ stream }) => stream.startsWith("shelf-") && !erased.has(idOf(stream)));
  const shelves = new Map<unknown, number>();
  for (const { book_id } of foldShelves(others).books.values()) shelves.set(book_id, (shelves.get(book_id) ?? 0) + 1);
  const counted = foldReadModel(collected, sifted).get("collected_books") ?? new Map();
  const books = new Set([...shelves.keys(), ...[...counted.values()].map(({ book_id }) => book_id)]);
  const wrong = [...books].flatMap((book) => {
    const [others, all] = [shelves.get(book) ?? 0, counted.get(String(book))?.shelves ?? 0];
    return others === all ? [] : [`the book ${book} counts as collected by ${all}, and is by ${others}`];
  });
  const points = foldReadModel(heat, siftFor(heat, events).applied).get("heat_days") ?? new Map();
  for (const [key, { reader_id }] of points)
    if (erased.has(reader_id)) wrong.push(`the heat has ${key} of an erased reader`);
  return wrong;
}
