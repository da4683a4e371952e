import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { ratingsOf } from "./entries.ts";
import { booksOf, runRatings } from "./run.ts";

/** Rows as MovieLens has them: many in the same second, some years between. */
function csv(users: number, rowsOfUser: number): string {
  const rows = Array.from({ length: users * rowsOfUser }, (_, index) => {
    const user = 1 + (index % users);
    const seconds = 1_260_759_144 + user * 40_000_000 + Math.floor(index / 7) * 97;
    return `${user},${1 + ((index * 7_919) % 9_000)},${0.5 + (index % 10) / 2},${seconds}`;
  });
  return ["userId,movieId,rating,timestamp", ...rows].join("\n");
}

test("what readers are shown of timed rows, sent out of order and again, is a fold of the rows", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "heima-ratings-"));
  const stack = await startStack({ dataDir, logLevel: "warn", unlimited: true });
  try {
    const books = await booksOf(stack.api);
    expect(books.length).toBeGreaterThan(3);
    const { api, environment } = stack;
    const ratings = ratingsOf(csv(4, 150), 1_000);
    const counts = await runRatings({ api, environment, ratings, books, placesOfReader: 6 });
    expect(counts).toMatchObject({ readers: 4, entries: 600, events: 600, changes: 4 * books.length });
  } finally {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 120_000);
