import fc from "fast-check";
import { expect, test } from "vitest";
import { CommandRefused } from "../../../src/commands/errors.ts";
import { loadStream } from "../../../src/commands/loadStream.ts";
import { fromSnapshotText, snapshotText } from "../../../src/commands/snapshots/snapshotText.ts";
import type { StreamState } from "../../../src/commands/streamState.ts";
import { shelfDecider } from "../../../src/domain/shelf/decider.ts";
import type { Shelf } from "../../../src/domain/shelf/shelf.ts";
import { shelfSnapshot } from "../../../src/domain/shelf/snapshot.ts";
import { anyShelfCommand } from "../../domain/shelfCommands.ts";
import { newContext, newProcess, send, shelf } from "../fixtures.ts";
import { inMemoryEventStore } from "../inMemoryEventStore.ts";
import { codec, longLog } from "./world.ts";

const plain = ({ state, known, ...rest }: StreamState<Shelf>) => ({
  ...rest,
  state: shelfSnapshot.encode(state),
  known: known.contents(),
});

/** The stream folded completely, and from a snapshot of its first `cut` events. */
async function bothWays(eventStore: ReturnType<typeof inMemoryEventStore>, cut: number) {
  const early = inMemoryEventStore();
  early.log.push(...eventStore.log.slice(0, cut));
  const before = await loadStream({ eventStore: early, codec }, shelfDecider, shelf);
  const whole = await loadStream({ eventStore, codec }, shelfDecider, shelf);
  const { revision, eventId } = before;
  if (revision === null || eventId === null) return [whole, whole] as const;
  const state = fromSnapshotText(shelf, { revision, eventId }, snapshotText(before, shelfSnapshot), shelfSnapshot);
  const snapshots = {
    load: async () => ({ state, revision, eventId }) as never,
    reject: () => expect.unreachable(),
    offer: () => {},
    drop: () => {},
    idle: async () => {},
  };
  const resumed = await loadStream({ eventStore, codec, snapshots }, shelfDecider, shelf);
  return [whole, resumed] as const;
}

test("a fold from a snapshot is the fold of the whole stream: state, remembered commands, last event", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyShelfCommand, { minLength: 20, maxLength: 40 }), fc.nat(), async (commands, at) => {
      const eventStore = inMemoryEventStore();
      eventStore.log.push(...longLog(200));
      const process = newProcess(eventStore);
      for (const command of commands) {
        await send(process, command, newContext()).catch((error: unknown) => {
          if (!(error instanceof CommandRefused)) throw error;
        });
      }
      const [whole, resumed] = await bothWays(eventStore, at % (eventStore.log.length + 1));
      expect(plain(resumed)).toEqual(plain(whole));
    }),
    { numRuns: 15 },
  );
});

test.each([1, 499, 500, 501, 1_000, 1_199, 1_200])(
  "of 1,200 events, %i of them in the snapshot, the same last 500 commands are remembered in the same order",
  async (cut) => {
    const eventStore = inMemoryEventStore();
    eventStore.log.push(...longLog(1_200));
    const [whole, resumed] = await bothWays(eventStore, cut);
    expect(whole.known.size).toBe(500);
    expect(plain(resumed)).toEqual(plain(whole));
  },
);
