import { isRefusal } from "../../../src/domain/decider.ts";
import { type ShelfCommand, shelfDecider } from "../../../src/domain/shelf/decider.ts";
import type { ShelfEvent } from "../../../src/domain/shelf/events.ts";
import type { Shelf } from "../../../src/domain/shelf/shelf.ts";
import type { LoggedEvent } from "./log.ts";

/** What a shelf decides of a command: the events as text that compares, or the code of its refusal. */
export type Decided = { readonly events: readonly string[] } | { readonly refused: string };

/**
 * The stream of a shelf, to ask what any command would have been decided after any of its events. The rules of a shelf are the
 * system's own (src/domain): not they are judged with it, but on what, when and how often they were applied.
 */
export type Replay = {
  readonly events: readonly LoggedEvent[];
  /** How many of the events stand at `position` or before it. */
  countTo(position: bigint): number;
  /** After the first `count` events. */
  decide(command: ShelfCommand, count: number): Decided;
  isShelved(bookId: string, count: number): boolean;
};

export function replayOf(events: readonly LoggedEvent[]): Replay {
  const shelves: Shelf[] = [shelfDecider.initialState];
  const after = (count: number): Shelf => {
    for (let known = shelves.length - 1; known < count; known++) {
      const { type, data } = events[known] as LoggedEvent;
      shelves.push(shelfDecider.evolve(shelves[known] as Shelf, { type, data } as ShelfEvent));
    }
    return shelves[count] as Shelf;
  };
  return {
    events,
    countTo: (position) => events.findLastIndex((event) => event.position <= position) + 1,
    decide(command, count) {
      const decision = shelfDecider.decide(command, after(count));
      return isRefusal(decision) ? { refused: decision.refused } : { events: decision.map(asText) };
    },
    isShelved: (bookId, count) => after(count).books.has(bookId),
  };
}

/** Type and data of an event, the same for the same event. */
export function asText({ type, data }: { readonly type: string; readonly data: unknown }): string {
  return JSON.stringify([type, Object.entries(data as object).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
