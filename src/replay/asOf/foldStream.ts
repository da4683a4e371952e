import type { Decider } from "../../domain/decider.ts";
import type { DomainEvent, EventDefinitions, EventOf } from "../../domain/event.ts";
import { nameOf } from "../../domain/streamNames.ts";
import { codecOf } from "../../event-store/codec.ts";
import type { DecodedEvent, EventStore } from "../../event-store/types.ts";
import { noRows } from "../../projections/engine/core/changes.ts";
import type { ReadModel, RowOf, Tables } from "../../projections/engine/core/declaration.ts";
import { foldedTables } from "../../projections/engine/core/fold.ts";
import { planStep } from "../../projections/engine/core/plan.ts";

/**
 * The events of a reader's stream as it was at a time (inclusive): those before the first one that the store recorded later. So what
 * they fold to was once true, even where the store's clock was set back.
 */
export async function* eventsUpTo<Definitions extends EventDefinitions>(
  eventStore: Pick<EventStore, "readStream">,
  stream: { readonly category: string; readonly events: Definitions },
  readerId: string,
  at: Date,
): AsyncGenerator<DecodedEvent<EventOf<Definitions>>> {
  const codec = codecOf(stream.events);
  for await (const recorded of eventStore.readStream(nameOf(stream, readerId))) {
    if (recorded.created > at) return;
    yield codec.decode(recorded);
  }
}

/** The number of events that are held until they are folded. */
const foldedAtOnce = 1_000;

/** The state that the write side would have of the events. */
export function createStateFold<State, Event extends DomainEvent>(
  decider: Pick<Decider<State, never, Event>, "initialState" | "evolve" | "fold">,
) {
  let state = decider.initialState;
  let waiting: Event[] = [];
  const fold = () => {
    state =
      decider.fold?.(state, waiting) ?? waiting.reduce<State>((folded, event) => decider.evolve(folded, event), state);
    waiting = [];
  };
  return {
    add(event: Event): void {
      if (waiting.push(event) === foldedAtOnce) fold();
    },
    state(): State {
      if (waiting.length > 0) fold();
      return state;
    },
  };
}

/** The rows that a read model would have of the events, none of which lacks a partition key. */
export function createRowsFold<Ts extends Tables>(readModel: ReadModel<string, Ts>) {
  const tables = foldedTables(readModel as ReadModel);
  return {
    /** Throws HandlerFailed. */
    add(event: DecodedEvent): void {
      tables.apply(planStep(readModel as ReadModel, event), noRows);
    },
    rows<Table extends keyof Ts & string>(table: Table): readonly RowOf<Ts[Table]>[] {
      const changed = [...(tables.changes().get(table)?.rows.values() ?? [])];
      return changed.flatMap(({ row }) => (row === null ? [] : [row as RowOf<Ts[Table]>]));
    },
  };
}
