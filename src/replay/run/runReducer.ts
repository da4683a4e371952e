import { type Category, categories, categoryOf, idOf, readerStreams, streams } from "../../domain/streams.ts";
import { createCodec } from "../../event-store/codec.ts";
import type { EventStore, RecordedEvent } from "../../event-store/types.ts";
import { decodeReadable, type LogRange, type ReplayedEvent, readArrivals } from "../events.ts";
import type { Reducer } from "./reducer.ts";
import { asyncReason, isThenable, requireSync } from "./thenable.ts";

/** The last event that was read: a run continues after it. Undefined before the first. */
export type RunPlace = { readonly position: bigint; readonly eventId: string } | undefined;

/** The states by key; a reducer without `key` has one, under the empty text. */
export type States = Map<string, unknown>;

export type RunProgress = { readonly position: bigint; readonly events: number };

/** The result of a run. `folded` of the `events` that were read went into the states. */
export type Run = {
  readonly states: States;
  readonly place: RunPlace;
  readonly events: number;
  readonly folded: number;
  /** Whether an abort ended it before the end of the range. */
  readonly isCut: boolean;
  /** Events that do not match their schema, and why the first does not: they are left out, as read models park them. */
  readonly unreadable: { readonly count: number; readonly first: string | undefined };
};

/** A reducer threw, or gave what is no state: which event it was given, and where it lies. */
export class ReducerFailed extends Error {
  override readonly name = "ReducerFailed";
  constructor(what: string, { type, position, stream, revision }: RecordedEvent, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}${whereOf(cause)}` : String(cause);
    super(`${what} failed on ${type} at position ${position} (revision ${revision} of ${stream}): ${why}`, { cause });
  }
}

/** The number of events between two reports of the progress. */
const reportEvery = 1_000;

const ofReaders: ReadonlySet<string> = new Set(readerStreams.map(({ category }) => category));

/**
 * Folds a range of the log with a reducer, in the order of the log. Events of `erased` readers are left out. `begun` are states to go
 * on from, which the run changes. An abort of `signal` ends it with what is folded so far. Rejects with ReducerFailed, with
 * UnknownEvent for an event of a newer program, or as reading the log does.
 */
export async function runReducer(
  eventStore: Pick<EventStore, "readAll">,
  reducer: Reducer,
  range: LogRange,
  options: {
    readonly erased?: ReadonlySet<string>;
    readonly begun?: Pick<Run, "states" | "place">;
    readonly onProgress?: (progress: RunProgress) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Run> {
  const { erased = new Set(), begun, onProgress = () => {}, signal } = options;
  const { filter } = reducer;
  const types = typeof filter === "object" ? new Set<string>(filter) : undefined;
  const codec = createCodec();
  const states: States = begun?.states ?? new Map();
  let place = begun?.place;
  const counts = { events: 0, folded: 0, unreadable: 0 };
  let firstUnreadable: string | undefined;
  const after = place?.position ?? range.after;
  const read = {
    after,
    upTo: range.upTo,
    categories: categoriesOf(types),
    ...(signal === undefined ? {} : { signal }),
  };
  const onUnreadable = (_: RecordedEvent, why: string): void => {
    counts.unreadable++;
    firstUnreadable ??= why;
  };
  const fold = (event: RecordedEvent): void => {
    counts.events++;
    place = { position: event.position, eventId: event.id };
    if (counts.events % reportEvery === 0) onProgress({ position: event.position, events: counts.events });
    if (types?.has(event.type) === false || event.type.startsWith("$")) return;
    const category = categoryOf(event.stream);
    if (category === undefined || (ofReaders.has(category) && erased.has(idOf(event.stream)))) return;
    const decoded = decodeReadable(codec, event, onUnreadable);
    if (decoded !== undefined && foldOne(reducer, states, decoded)) counts.folded++;
  };
  for await (const events of readArrivals(eventStore, read, true))
    for (const event of events) if (!signal?.aborted) fold(event);
  const isCut = signal?.aborted === true;
  if (reducer.key === undefined && states.size === 0) states.set("", requireSync("initial", initialOf(reducer)));
  const { events, folded, unreadable } = counts;
  return { states, place, events, folded, isCut, unreadable: { count: unreadable, first: firstUnreadable } };
}

/** False if the reducer does not want the event. */
function foldOne(reducer: Reducer, states: States, event: ReplayedEvent): boolean {
  const { filter, evolve } = reducer;
  const guard = <Value>(what: string, work: () => Value): Value => {
    let given: Value;
    try {
      given = work();
    } catch (error) {
      throw new ReducerFailed(what, event, error);
    }
    if (isThenable(given)) throw new ReducerFailed(what, event, asyncReason);
    return given;
  };
  if (typeof filter === "function" && !guard("filter", () => filter(event))) return false;
  const key = guard("key", () => (reducer.key === undefined ? "" : reducer.key(event)));
  if (key === undefined) return false;
  if (typeof key !== "string") throw new ReducerFailed("key", event, `it gave ${typeof key}, and no text`);
  const before = states.has(key) ? states.get(key) : guard("initial", () => initialOf(reducer));
  const after = guard("evolve", () => evolve(before, event));
  if (after === undefined) throw new ReducerFailed("evolve", event, "it gave undefined; return the state");
  states.set(key, after);
  return true;
}

function initialOf({ initial }: Reducer): unknown {
  return typeof initial === "function" ? (initial as () => unknown)() : structuredClone(initial);
}

/** Returns the categories of the log that must be read for these types; all unless given. */
function categoriesOf(types: ReadonlySet<string> | undefined): readonly Category[] {
  if (types === undefined) return categories;
  const wanted = streams.filter(({ events }) => Object.keys(events).some((type) => types.has(type)));
  return [...new Set(wanted.map(({ category }) => category))];
}

/** The results of a run: one a key, in the order of the keys, those that are undefined left out. Throws what `result` throws, and an Error if it is async. */
export function* resultsOf({ result, key }: Reducer, states: States): Generator<{ key: string; result: unknown }> {
  for (const name of [...states.keys()].sort()) {
    const state = states.get(name);
    const made =
      result === undefined ? state : requireSync("result", result(state, key === undefined ? undefined : name));
    if (made !== undefined) yield { key: name, result: made };
  }
}

/** Where an author finds the fault: the first line of the stack with a place in a file. */
function whereOf({ stack = "" }: Error): string {
  const place = /\(?((?:file:\/\/)?\/[^\s()]+:\d+:\d+)\)?/.exec(stack)?.[1];
  return place === undefined ? "" : ` (${place.replace("file://", "")})`;
}
