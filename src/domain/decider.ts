import type { DomainEvent } from "./event.ts";

/** A command that the rules of the domain refuse: a stable code and a sentence for people. */
export type Refusal<Code extends string = string> = { readonly refused: Code; readonly detail: string };

/**
 * The rules of one kind of stream. `evolve` folds an event into the state; `decide` answers a command with the events
 * that make it true: none when it is true already, or a refusal with one of the `Code`s. All pure: time and ids come in with the command.
 */
export type Decider<State, Command, Event extends DomainEvent, Code extends string = never> = {
  readonly initialState: State;
  evolve(state: State, event: Event): State;
  /** The same for many events, where a copy of the state for each would cost too much; made of `evolve` if left out. */
  fold?(state: State, events: readonly Event[]): State;
  decide(command: Command, state: State): readonly Event[] | Refusal<Code>;
  /** Where streams grow long: the state as JSON, which may then be kept instead of folded from the beginning. */
  readonly snapshot?: StateCodec<State>;
};

/** A state as JSON and back. `version` is raised when the state, or what events make of it, changes. */
export type StateCodec<State> = {
  readonly version: number;
  encode(state: State): unknown;
  /** Throws if this is not what `encode` makes. */
  decode(json: unknown): State;
};

export function isRefusal<Code extends string>(
  decision: readonly DomainEvent[] | Refusal<Code>,
): decision is Refusal<Code> {
  return "refused" in decision;
}
