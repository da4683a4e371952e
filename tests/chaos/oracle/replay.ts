import type { Decider } from "../../../src/domain/decider.ts";
import { isRefusal } from "../../../src/domain/decider.ts";
import type { DomainEvent } from "../../../src/domain/event.ts";
import type { Shelf } from "../../../src/domain/shelf/shelf.ts";
import type { NamedCommand } from "../../../src/domain/stream.ts";
import { streams } from "../../../src/domain/streams.ts";
import type { ReaderCommand } from "../load/readerCommand.ts";
import type { LoggedEvent } from "./log.ts";

/** The decision of a stream on a command: the events as comparable text, or the code of its refusal. */
export type Decided = { readonly events: readonly string[] } | { readonly refused: string };

/** The fields that the API adds to a command: its id, and the time by its clock. */
export type Told = { readonly commandId: string; readonly at: string };

/** The time with which a removal is never too old, and a visit always the same. */
export const longAgo = new Date(0).toISOString();

/**
 * A stream of a reader, to decide any command after any of its events. The rules are the system's own (src/domain): it checks not
 * the rules, but to which events, how often and in what order they were applied.
 */
export type Replay = {
  readonly events: readonly LoggedEvent[];
  /** Returns the number of events at `position` or before it. */
  countTo(position: bigint): number;
  /** After the first `count` events. */
  decide(command: ReaderCommand["command"], count: number, told: Told): Decided;
  /** Of a shelf. */
  isShelved(bookId: string, count: number): boolean;
};

type AnyDecider = Decider<unknown, NamedCommand, DomainEvent, string>;

export function replayOf(category: ReaderCommand["category"], events: readonly LoggedEvent[]): Replay {
  const decider = streams.find((stream) => stream.category === category)?.decider as unknown as AnyDecider;
  const states: unknown[] = [decider.initialState];
  const after = (count: number): unknown => {
    for (let known = states.length - 1; known < count; known++) {
      const { type, data } = events[known] as LoggedEvent;
      states.push(decider.evolve(states[known], { type, data }));
    }
    return states[count];
  };
  return {
    events,
    countTo: (position) => events.findLastIndex((event) => event.position <= position) + 1,
    decide(command, count, told) {
      const decision = decider.decide(filled(command, told), after(count));
      return isRefusal(decision) ? { refused: decision.refused } : { events: decision.map(asText) };
    },
    isShelved: (bookId, count) => (after(count) as Shelf).books.has(bookId),
  };
}

type TimedCommand = NamedCommand & { readonly at?: string; readonly readAt?: string };

function filled(command: ReaderCommand["command"], { commandId, at }: Told): TimedCommand {
  if (command.type === "RemoveBooksFromShelf") return { ...command, removal: { id: commandId, at } } as NamedCommand;
  const timed: TimedCommand = command;
  if (timed.at === undefined) return timed;
  return timed.readAt === undefined ? { ...timed, at } : { ...timed, at, readAt: at };
}

/** Fields that the API determines and a command does not have: chapters have numbers, and times are compared with a clock. */
const notSaid = new Set(["chapterNo", "readAt", "readAtRaw"]);

/** Type and data of an event as canonical text. */
export function asText({ type, data }: { readonly type: string; readonly data: unknown }): string {
  const said = Object.fromEntries(Object.entries(data as object).filter(([name]) => !notSaid.has(name)));
  return JSON.stringify([type, said], (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
