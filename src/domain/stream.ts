import type { Decider } from "./decider.ts";
import type { DomainEvent, EventDefinitions, EventOf } from "./event.ts";

/** The kind of key by which the rows of a read model are partitioned. */
export type PartitionKeyKind = "reader" | "book";

/** The place of a partition key in the events of a stream: the id in the stream's name, or a field of the data. */
export type KeySource<Field extends string = string> = "id" | { readonly field: Field };

/**
 * The reasons for which a stream refuses a command, by stable code: something that the command names is `missing` (404), or
 * the command is in `conflict` with the state (409). `title` is a sentence for people.
 */
export type RefusalDefinitions<Code extends string = string> = Readonly<
  Record<Code, { readonly is: "missing" | "conflict"; readonly title: string }>
>;

/** The name of a command; it discriminates a decider's union of commands. */
export type NamedCommand = { readonly type: string };

/** A declared stream without its decider. */
export type StreamFacts<
  Category extends string = string,
  Id extends string = string,
  Definitions extends EventDefinitions = EventDefinitions,
  Code extends string = string,
> = {
  /** The part of the stream's name before the first dash. */
  readonly category: Category;
  /** The id, if there is only one stream of the category; otherwise the id is a reader's, a book's or a channel's. */
  readonly id?: Id;
  readonly events: Definitions;
  readonly refusals: RefusalDefinitions<Code>;
  readonly keys: { readonly [Kind in PartitionKeyKind]?: KeySource };
  /**
   * How many of a stream's last events make its state; all of them if undefined. For streams that grow without end: such a state
   * is read backwards and has no snapshots, and the decider itself forgets what is older.
   */
  readonly window?: number;
};

/** A kind of stream: category, events, refusals, partition keys and decider. */
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
 * Declares a kind of stream. Codec, `handleCommand`, event ids, partition keys, the problems of the API and what an erasure
 * removes are derived from it. `src/domain/streams.ts` lists all of them; docs/streams.md shows how to add one.
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
