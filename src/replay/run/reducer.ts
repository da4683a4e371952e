import type { ReplayedEvent } from "../events.ts";

export type { ReplayedEvent };

/** The events of one type, or of several: `ReplayedEventOf<"BookFinished">`. */
export type ReplayedEventOf<Type extends ReplayedEvent["type"]> = Extract<ReplayedEvent, { readonly type: Type }>;

/**
 * The exports of an analyst's file. `initial` and `evolve` make the fold; with `key` there is a state for each key. A state is
 * anything that structuredClone copies (objects, arrays, Map, Set, Date, bigint): `evolve` may change its argument and return it.
 */
export type Reducer<State = unknown, Event extends ReplayedEvent = ReplayedEvent> = {
  /** The state before the first event: a value, copied for each key, or a function that makes it. */
  readonly initial: State | (() => State);
  /** The state after the event. */
  readonly evolve: (state: State, event: Event) => State;
  /** The key of an event's state, such as a book or a day; undefined leaves the event out. */
  readonly key?: (event: Event) => string | undefined;
  /** Which events are folded: their types, so that no others are decoded, or a test of each. All unless given. */
  readonly filter?: readonly ReplayedEvent["type"][] | ((event: ReplayedEvent) => boolean);
  /** The printed form of a state; undefined prints nothing. The state itself unless given. */
  readonly result?: (state: State, key: string | undefined) => unknown;
};

const names = ["initial", "evolve", "key", "filter", "result"] as const;

/** The reducer that a file exports, by its names or as its default export. Throws an Error for people about what is wrong. */
export function asReducer(exported: Readonly<Record<string, unknown>>, knownTypes: ReadonlySet<string>): Reducer {
  const { default: single } = exported;
  const found = "evolve" in exported || typeof single !== "object" || single === null ? exported : { ...single };
  const { initial, evolve, key, filter, result } = found as Readonly<Record<(typeof names)[number], unknown>>;
  if (!("initial" in found)) throw new Error("it exports no initial");
  if (typeof evolve !== "function") throw new Error("it exports no function evolve(state, event)");
  for (const [name, value] of Object.entries({ key, result }))
    if (value !== undefined && typeof value !== "function") throw new Error(`its ${name} is no function`);
  if (Array.isArray(filter)) {
    const unknown = filter.find((type) => !knownTypes.has(type));
    if (unknown !== undefined) throw new Error(`its filter names ${unknown}, and there are no events of that type`);
  } else if (filter !== undefined && typeof filter !== "function") {
    throw new Error("its filter is neither a list of types nor a function");
  }
  const given = { initial, evolve, key, filter, result };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as Reducer;
}
