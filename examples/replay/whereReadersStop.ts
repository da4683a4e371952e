import type { ReplayedEventOf } from "../../src/replay/run/reducer.ts";

// Where readers stop: of each book the chapter at which its readers are, and how many finished it. One state a book.

export const filter = ["ReadingProgressed", "BookFinished"] as const;

type Event = ReplayedEventOf<"ReadingProgressed" | "BookFinished">;
/** By stream, which is a reader's: the chapter that was read last, by the clock of the device. */
type State = { places: Map<string, { chapterNo: number; readAt: string }>; finished: Set<string> };

export const initial: State = { places: new Map(), finished: new Set() };

export const key = (event: Event) => event.data.bookId;

export function evolve(state: State, event: Event): State {
  const reader = event.stream.slice(event.stream.indexOf("-") + 1);
  if (event.type === "BookFinished") {
    state.finished.add(reader);
    return state;
  }
  const { chapterNo, readAt } = event.data;
  const known = state.places.get(reader);
  // Entries of a device that was offline come late.
  if (known === undefined || readAt >= known.readAt) state.places.set(reader, { chapterNo, readAt });
  return state;
}

export function result({ places, finished }: State) {
  const stopped: Record<string, number> = {};
  for (const [reader, { chapterNo }] of places) {
    if (!finished.has(reader)) stopped[chapterNo] = (stopped[chapterNo] ?? 0) + 1;
  }
  return { readers: new Set([...places.keys(), ...finished]).size, finished: finished.size, stopped };
}
