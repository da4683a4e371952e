import type { DomainEvent } from "../domain/event.ts";
import type { Category } from "../domain/streams.ts";

/** The metadata of every event. `occurredAt` (ISO 8601, the API's clock) is for the log only. */
export type EventMetadata = {
  readonly commandId: string;
  readonly commandHash: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly schemaVersion: number;
  readonly occurredAt: string;
  readonly deviceId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Of a correction: who made it for the reader, and why. */
  readonly correction?: { readonly by: string; readonly reason: string } | undefined;
};

/** An event to be appended: its id makes a repeat of the same append harmless. */
export type EventToAppend = {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: EventMetadata;
};

/** An event as the store recorded it, its data not yet looked at (raw JSON). */
export type RecordedEvent = {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: bigint;
  /** The place in the log: commit position, which equals the prepare position. */
  readonly position: bigint;
  /** The store's clock. */
  readonly created: Date;
  readonly data: unknown;
  readonly metadata: EventMetadata;
};

/** A recorded event whose data was upcast to the current version and checked. */
export type DecodedEvent<Event extends DomainEvent = DomainEvent> = Event & Omit<RecordedEvent, "type" | "data">;

/** The revision that a stream must have for an append: the exact one of its last event, or none. */
export type ExpectedRevision = bigint | "no_stream";

/** `any` is for what is sent once and never repeated: the store writes a repeat of it again. A command has an exact revision. */
export type AppendRevision = ExpectedRevision | "any";

export type Appended = { readonly revision: bigint; readonly position: bigint };

/**
 * A message of a subscription. A checkpoint states how far the log was searched; it only shows that the subscription is
 * alive.
 */
export type SubscriptionMessage =
  | { readonly kind: "event"; readonly event: RecordedEvent }
  | { readonly kind: "checkpoint"; readonly position: bigint }
  | { readonly kind: "caughtUp" };

/**
 * Items that arrive from the store. `takeReady`, if present, returns the items that have arrived and were not taken
 * yet, in order, without waiting.
 */
export type Arriving<Item> = AsyncIterable<Item> & { takeReady?(): readonly Item[] };

export type Subscription = Arriving<SubscriptionMessage>;

/**
 * The server's response to a request for a scavenge: it was started, or one was running already and this is its id. It
 * runs on after the response, and writes its end into the stream `$scavenges-<scavengeId>` (`serverScavengeEnd`).
 */
export type ScavengeStart = {
  readonly scavengeId: string;
  readonly result: "started" | "in_progress" | "stopped";
};

/** `forwards`: from the older to the newer event. */
export type Direction = "forwards" | "backwards";

/**
 * The parts of each event that are read. `essential`: of metadata in the form of our own events there may be `schemaVersion`
 * alone, unless there is a `correction`. For readers of many events that need no more, such as projections.
 */
export type ReadDetail = "all" | "essential";

/** The event store's interface. All methods reject with the errors of ./errors.ts. */
export type EventStore = {
  /**
   * Appends in one atomic step, durable when it resolves. With no events it writes nothing and only checks that the stream is at that
   * revision: it resolves or rejects as an append of events does. (Not with `no_stream`: then its answer names no revision.)
   */
  append(stream: string, expected: AppendRevision, events: readonly EventToAppend[]): Promise<Appended>;
  /**
   * The events of a stream in order, from `fromRevision` (inclusive; default the first, or backwards the last), at most `maxCount`.
   * None if it does not exist. An abort of `signal` ends a read without an error.
   */
  readStream(
    stream: string,
    options?: { fromRevision?: bigint; direction?: Direction; maxCount?: number; signal?: AbortSignal },
  ): AsyncIterable<RecordedEvent>;
  /**
   * The events of the log up to its end, perhaps into what is appended meanwhile, at most `maxCount`: all of them, the store's own included (`$…`), or those in streams of the
   * categories. Forwards `fromPosition` is inclusive, backwards exclusive; the default is that end of the log. Beyond the log's end
   * there are none. Rejects with InvalidPosition when no event begins there; an abort of `signal` ends it without an error.
   */
  readAll(options?: {
    readonly fromPosition?: bigint;
    readonly direction?: Direction;
    readonly maxCount?: number;
    readonly categories?: readonly Category[];
    readonly detail?: ReadDetail;
    readonly signal?: AbortSignal;
  }): Arriving<RecordedEvent>;
  /**
   * The first event of the log at or after `position`, of any stream. Undefined if the log ends before it, or no event
   * begins there: then the position is from another log.
   */
  readLogAt(position: bigint): Promise<{ readonly id: string; readonly position: bigint } | undefined>;
  /** The position of the last event of the log, of any stream; undefined if it is empty. */
  readLogEnd(): Promise<bigint | undefined>;
  /**
   * All events of the categories after `after` (exclusive; undefined: from the beginning), then live. Ends with an error
   * when the connection is lost; it never resubscribes: the caller opens it again from its own checkpoint. Rejects with
   * InvalidPosition when `after` is from another log and this one has more events; what lies beyond the last event it waits for.
   */
  subscribe(options: {
    readonly categories: readonly Category[];
    readonly after: bigint | undefined;
    readonly detail?: ReadDetail;
    readonly signal: AbortSignal;
  }): Subscription;
  /**
   * Deletes a stream permanently: it can be neither read nor written again; this also works for a stream that never had an event. The
   * events stay in the log until a scavenge. Rejects as an append does; with StreamDeleted also when it was deleted before.
   */
  tombstone(stream: string, expected: ExpectedRevision): Promise<void>;
  /**
   * Asks the server to remove from disk the events that no read returns any more. Requires `$ops` where the server has users.
   * Rejects with ScavengeRefused, or with EventStoreUnavailable if there is no answer: a scavenge may be running nevertheless.
   */
  startScavenge(): Promise<ScavengeStart>;
  /** Resolves when the store answers; rejects otherwise. For readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
};
