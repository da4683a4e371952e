import type { Decider } from "./decider.ts";
import type { DomainEvent, EventDefinitions, EventOf } from "./event.ts";

/** What the rows of a read model belong to, and so what its partitions are cut by. */
export type PartitionKeyKind = "reader" | "book";

/** Where the events of a stream carry a partition key: the id in the stream's name, or a field of their data. */
export type KeySource<Field extends string = string> = "id" | { readonly field: Field };

/**
 * Why the rules of a stream say no, by the stable code that clients decide by: something that the command names is
 * `missing`, or it is in `conflict` with the state. `title` is a sentence for people.
 */
export type RefusalDefinitions<Code extends string = string> = Readonly<
  Record<Code, { readonly is: "missing" | "conflict"; readonly title: string }>
>;

/** What a command is called; a decider's union of commands is told apart by it. */
export type NamedCommand = { readonly type: string };

/** A declared stream, without the rules that only its commands need. */
export type StreamFacts<
  Category extends string = string,
  Id extends string = string,
  Definitions extends EventDefinitions = EventDefinitions,
  Code extends string = string,
> = {
  /** What stands before the first dash of its name. Its streams are found by it. */
  readonly category: Category;
  /** The id, where there is one such stream only; else the id is a reader's or a book's. */
  readonly id?: Id;
  readonly events: Definitions;
  readonly refusals: RefusalDefinitions<Code>;
  readonly keys: { readonly [Kind in PartitionKeyKind]?: KeySource };
};

/** Streams of one kind: their name, what can happen in them, and the rules. */
export type Stream<
  State,
  Command extends NamedCommand,
  Definitions extends EventDefinitions = EventDefinitions,
  Code extends string = string,
  Id extends string = string,
  Category extends string = string,
> = StreamFacts<Category, Id, Definitions, Code> & {
  readonly decider: Decider<State, Command, EventOf<Definitions>, Code>;
};

type FieldOf<Event extends DomainEvent> = Event extends unknown ? keyof Event["data"] & string : never;

/**
 * Declares a kind of streams, once. From it follow the codec, `handleCommand`, event ids, partition keys, the problems of
 * the API and what an erasure removes; `src/domain/streams.ts` lists them all, docs/streams.md shows how to add one.
 */
export function defineStream<
  const Category extends string,
  State,
  Command extends NamedCommand,
  Definitions extends EventDefinitions,
  Code extends string,
  const Id extends string = string,
>(
  declaration: Stream<State, Command, Definitions, Code, Id, Category> & {
    readonly keys: { readonly [Kind in PartitionKeyKind]?: KeySource<FieldOf<EventOf<Definitions>>> };
  },
): Stream<State, Command, Definitions, Code, Id, Category> {
  return declaration;
}
