import type { Codec } from "../../../event-store/codec.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { BuildCatalog } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import type { Timing } from "../timing.ts";
import type { PartitionQueues } from "../transport/partitionQueues.ts";
import type { Signal } from "../transport/signals.ts";
import type { DispatchSubscribe } from "./messages.ts";

/** An event store whose subscriptions may say how far the events of other builds have come. */
type DispatchedLog = Omit<EventStore, "subscribe"> & { readonly subscribe: DispatchSubscribe };

/** The dependencies of dispatching one build. */
export type DispatchDependencies = {
  readonly store: Pick<ReadModelStore, "open" | "checkpoints" | "isLost">;
  readonly catalog: Pick<BuildCatalog, "failures" | "reportFailure" | "clearFailure" | "replace">;
  readonly codec: Codec;
  readonly eventStore: DispatchedLog;
  readonly queues: PartitionQueues;
  readonly logger: Logger;
  readonly timing: Timing;
  /** Publishes that the builds of a read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
  /** The current time that an idle partition lingers, in ms; it does not linger unless given. */
  readonly lingerIdle?: () => number;
  /** Registers what is to be called for each signal of this build; returns how to take it back. */
  readonly onSignal: (listener: (signal: Signal) => void) => () => void;
};
