import type { RecordedEvent } from "../../../event-store/types.ts";
import type { LogPoint } from "../core/batch.ts";
import type { Build, BuildPlace } from "../core/build.ts";
import type { Row } from "../core/declaration.ts";
import type { Changes } from "../core/fold.ts";

/**
 * The last event that a partition has applied, and how many of its keys are parked. `parkedVersion` rises whenever a key is
 * parked, or parked events are folded or left out: a retry changes rows and leaves the position where it is.
 */
export type Checkpoint = LogPoint & { readonly parkedKeys: number; readonly parkedVersion: bigint };

/** Rows or keys of rows, per table. */
export type ByTable<Value> = ReadonlyMap<string, Value>;

/** An event that is set aside: of the events of one key the first has the error of its handler, those that follow have none. */
export type ParkedEvent = { readonly key: string; readonly event: RecordedEvent; readonly error: string | null };

/** A parked key of a build, and the first of its events. */
export type ParkedPlace = {
  readonly partition: number;
  readonly key: string;
  readonly eventId: string;
  readonly position: bigint;
};

/** What there is to say of one: why its first event was refused, how many events wait, and since when the key is parked. */
export type ParkedKey = ParkedPlace & {
  readonly type: string;
  readonly stream: string;
  readonly error: string;
  readonly events: number;
  readonly since: Date;
};

/** At most `limit` parked keys that come after one, in the order of positions and then partitions. */
export type ParkedPage = {
  readonly after?: Pick<ParkedPlace, "position" | "partition"> | undefined;
  readonly limit: number;
};

/**
 * One partition of a build while it is worked on. The session sees the checkpoint, then the parked keys, then the rows, in
 * this order (projection-protocol.md, "Applying"). What it writes becomes visible together with `advance`, or the
 * store recognises by position what was written before a crash.
 */
export type PartitionSession = {
  readonly checkpoint: Checkpoint;
  /** The keys that have parked events. Costs nothing while there are none. */
  parkedKeys(): Promise<ReadonlySet<string>>;
  /** The parked events of a key, in order. */
  parked(key: string): Promise<readonly ParkedEvent[]>;
  /** The rows of these keys as the session has them, by key text (`keyText`). */
  load(keys: ByTable<readonly Row[]>): Promise<ByTable<ReadonlyMap<string, Row>>>;
  write(changes: Changes): Promise<void>;
  park(events: readonly ParkedEvent[]): Promise<void>;
  /**
   * Takes the parked events of a key out of the parked ones, but those of `kept`, the last of them in order; of these the first
   * has its error from now on. For how long they are parked does not begin anew.
   */
  unpark(key: string, kept?: readonly ParkedEvent[]): Promise<void>;
  advance(upTo: LogPoint): Promise<void>;
};

/** A build as it was at one moment: checkpoints, parked keys and rows belong together. */
export type BuildSnapshot = {
  readonly checkpoints: readonly Checkpoint[];
  readonly parked: readonly ParkedKey[];
  /** All rows of a table, or those whose partition key is one of `keys`; in no order. */
  rows(table: string, keys?: readonly string[]): AsyncIterable<Row>;
};

/** What a fold of a piece of the log leaves, for all partitions together. */
export type Fill = {
  /** Where every partition must stand for this to be written. */
  readonly from: LogPoint;
  /** The `parkedVersion` that each partition must have: whoever retried meanwhile has changed rows that were folded over. */
  readonly parkedVersions: readonly bigint[];
  readonly changes: Changes;
  readonly parked: readonly (ParkedEvent & { readonly partition: number })[];
  readonly upTo: LogPoint;
};

/**
 * Where the rows of read models lie. One implementation a kind of store; `tests/projections/stores/contract.ts` is what each
 * must do. All methods reject with the store's own errors, which `classify` tells apart.
 */
export type ReadModelStore = {
  /** Makes what the build needs, with every checkpoint before the log's beginning, unless it is there. */
  open(build: Build): Promise<void>;
  /** By partition number. */
  checkpoints(build: BuildPlace): Promise<readonly Checkpoint[]>;
  /** The parked keys of all partitions, in the order of their first events' positions: costs what there are keys, not events. */
  parkedKeys(build: BuildPlace): Promise<readonly ParkedPlace[]>;
  /** A page of the parked keys in the same order, with what there is to say of each; the first hundred unless asked otherwise. */
  parked(build: BuildPlace, page?: ParkedPage): Promise<readonly ParkedKey[]>;
  /**
   * Runs `work` on a partition that nobody else changes meanwhile; what it wrote is undone when it rejects. Work that may be
   * run twice may find at its end that somebody did, which undoes it and runs it again: that spares the lock.
   */
  inPartition<Result>(
    build: Build,
    partition: number,
    work: (session: PartitionSession) => Promise<Result>,
    how?: { readonly mayRunTwice: boolean },
  ): Promise<Result>;
  /** The committed rows of these keys, by key text. */
  load(build: Build, keys: ByTable<readonly Row[]>): Promise<ByTable<ReadonlyMap<string, Row>>>;
  /** Writes a fill and moves every checkpoint to its end; writes nothing when a checkpoint is not as the fill says. */
  fill(build: Build, fill: Fill): Promise<"written" | "moved">;
  snapshot<Result>(build: Build, work: (snapshot: BuildSnapshot) => Promise<Result>): Promise<Result>;
  /**
   * Makes `next` the build that queries read, in one step with its state in the catalog: locks the checkpoints of `previous`
   * (rule 17), asks `mayTakeOver` with its highest position, and retires `previous`. False when it may not.
   */
  takeOver(
    next: Build,
    previous: Build | undefined,
    mayTakeOver: (highest: bigint) => Promise<boolean>,
  ): Promise<boolean>;
  /** Removes all that a build owns. Nothing happens when it is gone. */
  drop(build: BuildPlace): Promise<void>;
  /** `refused`: the contents of an event are at fault; `fault`: the store or the way to it is, and a repeat may succeed. */
  classify(error: unknown): "refused" | "fault";
};
