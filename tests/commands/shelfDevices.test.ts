import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CommandRefused } from "../../src/commands/errors.ts";
import type { CommandContext, CommandResult, HandleCommand } from "../../src/commands/types.ts";
import { isRefusal } from "../../src/domain/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../src/domain/shelf/events.ts";
import { EventStoreUnavailable, OutcomeUnknown } from "../../src/event-store/errors.ts";
import { anyShelfCommand } from "../domain/shelfCommands.ts";
import { anyOutcome, newContext, newProcess, send, shelf } from "./fixtures.ts";
import { type Fault, inMemoryEventStore } from "./inMemoryEventStore.ts";

type Sent = { readonly command: ShelfCommand; readonly context: CommandContext };
type Answer = Sent & { readonly result: CommandResult };

const refusedResult: CommandResult = {
  outcome: "unchanged",
  revision: null,
  position: null,
  events: [],
  consistencyToken: null,
};

/** Behaves like a device: it resends the command while the outcome is unknown, and shows a refusal to its reader. */
async function obeyed(process: HandleCommand, { command, context }: Sent): Promise<CommandResult> {
  for (;;) {
    try {
      return await send(process, command, context);
    } catch (error) {
      if (error instanceof CommandRefused) return refusedResult;
      if (!(error instanceof OutcomeUnknown || error instanceof EventStoreUnavailable)) throw error;
    }
  }
}

const anyFault = fc.constantFrom<Fault>("lost", "unanswered", undefined, undefined);
/** Each command goes to one of two processes after some milliseconds, perhaps several times, then to the other one too. */
const anyRun = fc.record({
  sent: fc.array(
    fc.record({
      command: anyShelfCommand,
      process: fc.nat(1),
      afterMs: fc.nat(6),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 12, maxLength: 25 },
  ),
  faults: fc.array(anyFault, { maxLength: 12 }),
  shuffle: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
});

test("two devices that repeat everything write each command once, and a log that was decided event by event", async () => {
  let events = 0;
  let repeats = 0;
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ sent, faults, shuffle }) => {
      const store = Object.assign(inMemoryEventStore(), { faults: [...faults], latencyMs: 2 });
      const processes = [newProcess(store), newProcess(store)];
      const answers: Answer[] = [];
      await Promise.all(
        sent.map(async ({ command, process, afterMs, times }) => {
          await sleep(afterMs);
          const one = { command, context: newContext() };
          const copies = Array.from({ length: times }, (_, copy) => processes[(process + copy) % 2] as HandleCommand);
          await Promise.all(copies.map(async (to) => answers.push({ ...one, result: await obeyed(to, one) })));
        }),
      );
      const stored = [...store.eventsOf(shelf)];
      events += stored.length;

      let folded = shelfDecider.initialState;
      for (let next = 0; next < stored.length; ) {
        const { commandId } = stored[next]!.metadata;
        const { command } = answers.find(({ context }) => context.commandId === commandId)!;
        const decision = shelfDecider.decide(command, folded);
        if (isRefusal(decision)) throw new Error(`${command.type} was written and should have been refused`);
        const written = stored.slice(next, next + decision.length);
        expect(written.map(({ type, data }) => ({ type, data }))).toEqual(decision);
        expect(new Set(written.map(({ metadata }) => metadata.commandId))).toEqual(new Set([commandId]));
        folded = (written as unknown as ShelfEvent[]).reduce(shelfDecider.evolve, folded);
        next += decision.length;
      }

      const wrote = answers.filter(({ result }) => result.events.length > 0);
      const commandIds = stored.map(({ metadata }) => metadata.commandId);
      expect(new Set(wrote.map(({ context }) => context.commandId))).toEqual(new Set(commandIds));

      // Long after, on these processes and on one that has just started, all of it once more in any order.
      store.faults.length = 0;
      const places = new Map(wrote.map((answer) => [answer, shuffle.next().value as number]));
      for (const answer of [...wrote].sort((a, b) => places.get(a)! - places.get(b)!)) {
        const to = [...processes, newProcess(store)][repeats++ % 3] as HandleCommand;
        expect(anyOutcome(await send(to, answer.command, answer.context))).toEqual(anyOutcome(answer.result));
      }
      expect(store.eventsOf(shelf)).toEqual(stored);
    }),
    { numRuns: 40 },
  );
  expect(events).toBeGreaterThan(100);
  expect(repeats).toBeGreaterThan(100);
});
