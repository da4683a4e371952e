import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CommandContext, CommandResult } from "../../src/commands/types.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import { add, bookOf, newContext, newProcess, remove, send, shelf } from "./fixtures.ts";
import { type Fault, inMemoryEventStore } from "./inMemoryEventStore.ts";

const capacity = 3;
const anyBook = fc.constantFrom("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd");
const anyCommand = fc.oneof(
  anyBook.map((bookId) => add(bookId, capacity)),
  anyBook.map(remove),
);
const anyFault = fc.constantFrom<Fault>("lost", "unanswered", undefined, undefined);
const anyRun = fc.record({
  /** Which process gets a command, after how many milliseconds, and whether the client sends it to both. */
  sent: fc.array(fc.record({ command: anyCommand, process: fc.nat(1), afterMs: fc.nat(6), twice: fc.boolean() }), {
    minLength: 4,
    maxLength: 25,
  }),
  faults: fc.array(anyFault, { maxLength: 12 }),
  tailDelayMs: fc.nat(4),
});

test("two processes with caches of their own write each acknowledged command once, whatever goes wrong", async () => {
  let conflicts = 0;
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ sent, faults, tailDelayMs }) => {
      const store = Object.assign(inMemoryEventStore(), { faults: [...faults], tailDelayMs, latencyMs: 2 });
      const processes = [newProcess(store), newProcess(store)] as const;
      const answers: { command: ShelfCommand; context: CommandContext; result: CommandResult }[] = [];
      await Promise.all(
        sent.map(async ({ command, process, afterMs, twice }) => {
          await sleep(afterMs);
          const context = newContext();
          const to = twice ? [process, 1 - process] : [process];
          await Promise.all(
            to.map(async (p) => answers.push({ command, context, result: await obeyed(p, command, context) })),
          );
        }),
      );
      async function obeyed(process: number, command: ShelfCommand, context: CommandContext): Promise<CommandResult> {
        try {
          return await send(processes[process as 0 | 1], command, context);
        } catch (error) {
          if (error instanceof OutcomeUnknown || error instanceof EventStoreUnavailable)
            return obeyed(process, command, context);
          if ((error as { code?: string }).code !== "shelf_full") throw error;
          return { outcome: "unchanged", revision: null, position: null, events: [], consistencyToken: null };
        }
      }

      const stored = store.eventsOf(shelf);
      conflicts += store.appends.length - stored.length;
      for (const { context, result, command } of answers) {
        const own = stored.filter(({ metadata }) => metadata.commandId === context.commandId);
        const wrote = answers.some((answer) => answer.context === context && answer.result.events.length > 0);
        expect(own).toHaveLength(wrote ? 1 : 0);
        if (result.events.length === 0) continue;
        expect(result).toMatchObject({
          revision: own[0]!.revision,
          position: own[0]!.position,
          events: [own[0]!.type],
        });
        expect(own[0]!.data).toMatchObject({ bookId: bookOf(command) });
      }
      expect(new Set(stored.map(({ metadata }) => metadata.commandId)).size).toBe(stored.length);
      // Each event was decided on the state before it: none is without effect, none overfills the shelf.
      let folded = shelfDecider.initialState;
      for (const event of stored as unknown as Extract<ShelfEvent, { data: { bookId: string } }>[]) {
        expect(folded.books.has(event.data.bookId)).toBe(event.type === "BookRemovedFromShelf");
        folded = shelfDecider.evolve(folded, event);
        expect(folded.books.size).toBeLessThanOrEqual(capacity);
      }
    }),
    { numRuns: 60 },
  );
  expect(conflicts).toBeGreaterThan(50);
});
