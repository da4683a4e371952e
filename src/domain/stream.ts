import type { Decider } from "./decider.ts";
import type { DomainEvent, EventDefinitions, EventOf } from "./event.ts";

/** The kind of key by which the rows of a read model are partitioned. */
export type PartitionKeyKind = "reader" | "book";

/** Where the partition key of a stream's events is: the id in the stream name, or a field of the data. */
export type KeySource<Field extends string = string> = "id" | { readonly field: Field };

/**
 * The reasons why a stream refuses a command, by stable code: something that the command names is `missing` (404), the command
 * is in `conflict` with the state (409), or the sender was `erased` (401). `title` is a sentence for people.
 */
export type RefusalDefinitions<Code extends string = string> = Readonly<
  Record<Code, { readonly is: "missing" | "conflict" | "erased"; readonly title: string }>
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
  /** The id, if the category has a single stream; otherwise ids are those of readers, books or channels. */
  readonly id?: Id;
  readonly events: Definitions;
  readonly refusals: RefusalDefinitions<Code>;
  readonly keys: { readonly [Kind in PartitionKeyKind]?: KeySource };
  /**
   * The number of a stream's last events that make its state; all if undefined. For streams that grow without bound: the stream
   * is read backwards, has no snapshots, and the decider must drop what is older.
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
  /**
   * For a reader's stream: the command that withdraws the stream's contribution to other counts. An erasure sends it until
   * nothing is appended, then deletes the stream.
   */
  readonly erasureCommand?: NoInfer<Command> | undefined;
};

type FieldOf<Event extends DomainEvent> = Event extends unknown ? keyof Event["data"] & string : never;

/**
 * Declares a kind of stream. The codec, `handleCommand`, event ids, partition keys, the API's problems and what an erasure
 * deletes derive from it. `src/domain/streams.ts` lists all streams; docs/streams.md shows how to add one.
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
