import type { DomainEvent } from "./event.ts";

/** A refused command: a stable code and a sentence for people. */
export type Refusal<Code extends string = string> = { readonly refused: Code; readonly detail: string };

/**
 * The decider of one kind of stream. `evolve` folds an event into the state; `decide` returns the events to append for a
 * command (none if nothing has to change), or a refusal with one of the `Code`s. All functions are pure: time and ids are part
 * of the command.
 */
export type Decider<State, Command, Event extends DomainEvent, Code extends string = never> = {
  readonly initialState: State;
  evolve(state: State, event: Event): State;
  /** Folds many events; an optimisation for states that are slow to copy once per event. Derived from `evolve` by default. */
  fold?(state: State, events: readonly Event[]): State;
  decide(command: Command, state: State): readonly Event[] | Refusal<Code>;
  /** Serialises the state of long streams, so that it can be stored as a snapshot. */
  readonly snapshot?: StateCodec<State>;
};

/** Converts a state to JSON and back. Raise `version` when the state, or how events change it, changes. */
export type StateCodec<State> = {
  readonly version: number;
  encode(state: State): unknown;
  /** Throws if `json` is not a result of `encode`. */
  decode(json: unknown): State;
};

export function isRefusal<Code extends string>(
  decision: readonly DomainEvent[] | Refusal<Code>,
): decision is Refusal<Code> {
  return "refused" in decision;
}
