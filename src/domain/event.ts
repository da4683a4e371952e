import type { z } from "zod";

/** A fact of the domain: what a decider returns and what `evolve` folds. */
export type DomainEvent = { readonly type: string; readonly data: unknown };

/** Converts the stored data of one schema version to the next. Pure. */
export type Upcaster = (data: unknown) => unknown;

/**
 * The storage of one event type: the current version, the schema of its data, and for each older version `n` that the log may
 * contain an upcaster from `n` to `n + 1`.
 */
export type EventDefinition = {
  readonly version: number;
  readonly schema: z.ZodType;
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
};

/** The event types of one stream category, by type name. */
export type EventDefinitions = Readonly<Record<string, EventDefinition>>;

/** The union of the events that `definitions` describes. */
export type EventOf<Definitions extends EventDefinitions> = {
  [Type in keyof Definitions & string]: {
    readonly type: Type;
    readonly data: Readonly<z.output<Definitions[Type]["schema"]>>;
  };
}[keyof Definitions & string];
