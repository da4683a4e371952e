import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { featureBooks } from "../../src/commands/featured/featureBooks.ts";
import { openBook } from "../../src/commands/history/openBook.ts";
import { addBookToShelf } from "../../src/commands/shelf/addBookToShelf.ts";
import { removeBooksFromShelf } from "../../src/commands/shelf/removeBooksFromShelf.ts";
import { undoShelfRemoval } from "../../src/commands/shelf/undoShelfRemoval.ts";
import type { CommandContext, CommandResult } from "../../src/commands/types.ts";
import { historyStream } from "../../src/domain/history/stream.ts";
import { anyOutcome, dream, kingdoms, newContext, newProcess, reader, shelf, west } from "./fixtures.ts";
import { inMemoryEventStore } from "./inMemoryEventStore.ts";

const books = [dream, west, kingdoms];
const noon = Date.UTC(2026, 2, 1, 12);
/** So many hours after noon. */
const contextAt = (hours: number): CommandContext => ({
  ...newContext(),
  occurredAt: new Date(noon + hours * 3_600_000).toISOString(),
});

/** Two processes of one log, each with its own cache. */
function twoProcesses() {
  const store = inMemoryEventStore();
  const bookExists = async (bookId: string) => books.includes(bookId);
  const processes = [newProcess(store), newProcess(store)].map((handleCommand) => ({
    handleCommand,
    bookExists,
    capacity: 3,
  }));
  return { store, processes: processes as [(typeof processes)[0], (typeof processes)[0]] };
}

type Action = { readonly kind: "add" | "remove" | "undo"; readonly books: readonly string[]; readonly hours: number };
type Process = ReturnType<typeof twoProcesses>["processes"][0];

/** Sends an action; undefined if it is refused. */
function send(process: Process, { kind, books: [bookId = dream, ...more] }: Action, context: CommandContext) {
  const readerId = reader;
  const sent =
    kind === "add"
      ? addBookToShelf(process, { readerId, bookId }, context)
      : kind === "remove"
        ? removeBooksFromShelf(process, { readerId, bookIds: [bookId, ...more] }, context)
        : undoShelfRemoval(process, readerId, context);
  return sent.catch((error: { code?: string }) => {
    if (error.code === undefined) throw error;
    return undefined;
  });
}

describe("an undo on the shelf", () => {
  test("of one device takes back what another removed, by the clock of the commands", async () => {
    const { store, processes } = twoProcesses();
    const [here, there] = processes;
    for (const bookId of [dream, west]) await addBookToShelf(here, { readerId: reader, bookId }, contextAt(0));
    await removeBooksFromShelf(here, { readerId: reader, bookIds: [dream, west] }, contextAt(1));
    await expect(undoShelfRemoval(there, reader, contextAt(25.1))).rejects.toMatchObject({ code: "undo_too_late" });
    const undone = await undoShelfRemoval(there, reader, contextAt(25));
    expect(undone.events).toEqual(["BookReturnedToShelf", "BookReturnedToShelf"]);
    expect(await undoShelfRemoval(here, reader, contextAt(26))).toMatchObject({ events: [], revision: 5n });
    expect(store.eventsOf(shelf)).toHaveLength(6);
  });

  test("and what it takes back are done once, however often and from wherever they are repeated with their keys", async () => {
    const action: fc.Arbitrary<Action> = fc.record({
      kind: fc.constantFrom("add", "add", "remove", "undo"),
      books: fc.subarray(books, { minLength: 1 }),
      hours: fc.nat(30),
    });
    let undone = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(action, fc.boolean(), fc.array(fc.nat(20), { maxLength: 3 })), {
          minLength: 12,
          maxLength: 25,
        }),
        async (actions) => {
          const { store, processes } = twoProcesses();
          const done: { action: Action; context: CommandContext; result: CommandResult }[] = [];
          for (const [action, isHere, repeats] of actions) {
            const [first, second] = isHere ? processes : processes.toReversed();
            const context = contextAt(action.hours);
            const result = await send(first as Process, action, context);
            if (result !== undefined && result.events.length > 0) done.push({ action, context, result });
            if (action.kind === "undo") undone += result?.events.length ?? 0;
            const before = store.log.length;
            for (const which of repeats) {
              const earlier = done[which % Math.max(1, done.length)];
              if (earlier === undefined) continue;
              const again = await send(second as Process, earlier.action, earlier.context);
              expect(anyOutcome(again as CommandResult)).toEqual(anyOutcome(earlier.result));
            }
            expect(store.log).toHaveLength(before);
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(undone).toBeGreaterThan(10);
  });
});

test("a book is opened if the library has it, and the conflict of two devices is decided anew", async () => {
  const { store, processes } = twoProcesses();
  const [here, there] = processes;
  const open = (process: Process, bookId: string) => openBook(process, { readerId: reader, bookId }, contextAt(0));
  await expect(open(here, "unknown00000")).rejects.toThrow("There is no book unknown00000.");
  await open(here, dream);
  await open(there, west);
  await open(here, kingdoms);
  expect(store.eventsOf(`history-${reader}`).map(({ data }) => data)).toMatchObject([
    { bookId: dream, visit: 1 },
    { bookId: west, visit: 2 },
    { bookId: kingdoms, visit: 3 },
  ]);
  const command = { type: "ClearHistory", at: contextAt(1).occurredAt } as const;
  const cleared = await there.handleCommand(historyStream, reader, command, contextAt(1));
  expect(cleared.events).toEqual(["BrowseHistoryCleared"]);
});

test("featured books must be in the library, and only those that are missing are named", async () => {
  const { store, processes } = twoProcesses();
  const [here] = processes;
  const feature = (...bookIds: string[]) => featureBooks(here, { channel: "male", bookIds }, contextAt(0));
  await expect(feature(dream, "unknown00000")).rejects.toThrow("There is no book unknown00000.");
  expect((await feature(west, dream)).events).toEqual(["BookFeatured", "BookFeatured"]);
  expect((await feature(west, dream)).events).toEqual([]);
  expect(store.eventsOf("featured-male")).toHaveLength(2);
});
