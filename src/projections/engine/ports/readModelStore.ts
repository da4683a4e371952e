import type { RecordedEvent } from "../../../event-store/types.ts";
import type { LogPoint } from "../core/batch.ts";
import type { Build, BuildPlace } from "../core/build.ts";
import type { Row } from "../core/declaration.ts";
import type { Changes, LoadedRows } from "../core/fold.ts";
import type { Found, Patterns } from "../core/plan.ts";

/**
 * The last event that a partition has applied, and how many of its keys are parked. `parkedVersion` rises whenever a key is
 * parked, or parked events are folded or left out: a retry changes rows and leaves the position where it is.
 */
export type Checkpoint = LogPoint & { readonly parkedKeys: number; readonly parkedVersion: bigint };

/** Rows or keys of rows, per table. */
export type ByTable<Value> = ReadonlyMap<string, Value>;

/** A parked event. The first of a key has the error of its handler; the later ones have none. */
export type ParkedEvent = { readonly key: string; readonly event: RecordedEvent; readonly error: string | null };

/** A parked key of a build, and the first of its events. */
export type ParkedPlace = {
  readonly partition: number;
  readonly key: string;
  readonly eventId: string;
  readonly position: bigint;
  /** A retry has begun to write rows and did not end: they may have seen the parked events. */
  readonly retryBegun?: true;
};

/** A parked key with details: why its first event was refused, how many events are parked, and since when. */
export type ParkedKey = ParkedPlace & {
  readonly type: string;
  readonly stream: string;
  readonly error: string;
  readonly events: number;
  readonly since: Date;
};

/** At most `limit` parked keys after `after`, ordered by position, then partition. */
export type ParkedPage = {
  readonly after?: Pick<ParkedPlace, "position" | "partition"> | undefined;
  readonly limit: number;
};

/**
 * One partition of a build while it is worked on. The session sees the checkpoint, then the parked keys, then the rows, in
 * this order (projection-protocol.md, "Applying"). What it writes becomes visible together with `advance`, or the
 * store recognises by position what was written before a crash: rows first, then parked events, the checkpoint last.
 */
export type PartitionSession = {
  readonly checkpoint: Checkpoint;
  /** The keys that have parked events, each with the position of its first. Needs no query while there are none. */
  parkedKeys(): Promise<ReadonlyMap<string, bigint>>;
  /** The parked events of a key, in order. */
  parked(key: string): Promise<readonly ParkedEvent[]>;
  /** The rows of these keys as the session has them, by key text (`keyText`). */
  load(keys: ByTable<readonly Row[]>): Promise<LoadedRows>;
  /** The partition's rows that have these columns and values, per table, as the session has them. */
  find(patterns: Patterns): Promise<Found>;
  /** Wipes first, then rows. Rejects with what `classify` calls refused if the store will not take the contents, here or at the end of the session. */
  write(changes: Changes): Promise<void>;
  /**
   * Parked events lie in Postgres whatever the store (`projections.parked`), with a lock on the partition. One that is parked already
   * stays as it is: a process may have died before it wrote the checkpoint.
   */
  park(events: readonly ParkedEvent[]): Promise<void>;
  /**
   * Removes the parked events of a key, except `kept`, which are the last of them, in order; the first of these
   * gets its new error. The time since when the key is parked does not change.
   */
  unpark(key: string, kept?: readonly ParkedEvent[]): Promise<void>;
  /** Writes down that the build leaves these events out, since operators skip them: with `advance`, or with `unpark`. */
  leaveOut(eventIds: readonly string[]): Promise<void>;
  advance(upTo: LogPoint): Promise<void>;
};

/** A consistent snapshot of a build: checkpoints, parked keys and rows. */
export type BuildSnapshot = {
  readonly checkpoints: readonly Checkpoint[];
  readonly parked: readonly ParkedKey[];
  /** All rows of a table, or those whose partition key is one of `keys`, in any order. */
  rows(table: string, keys?: readonly string[]): AsyncIterable<Row>;
};

/** The result of folding a segment of the log, for all partitions. */
export type Fill = {
  /** The checkpoint that every partition must have for this to be written. */
  readonly from: LogPoint;
  /** The `parkedVersion` that each partition must have: a retry in the meantime has changed rows that the fold read. */
  readonly parkedVersions: readonly bigint[];
  readonly changes: Changes;
  readonly parked: readonly (ParkedEvent & { readonly partition: number })[];
  /** The ids of the skipped events among those that were folded over. */
  readonly leftOut: readonly string[];
  readonly upTo: LogPoint;
};

/**
 * Stores the rows of read models. One implementation per kind of store; each must pass
 * `tests/projections/stores/contract.ts`. All methods reject with errors of the store, which `classify` distinguishes.
 */
export type ReadModelStore = {
  /**
   * Makes what the build needs, with every checkpoint before the log's beginning, unless it is there; by several at once it is made
   * once. Rejects for a build that has ended, and never makes anew what a build has lost: such a build is over (rule 23).
   */
  open(build: Build): Promise<void>;
  /** By partition number. */
  checkpoints(build: BuildPlace): Promise<readonly Checkpoint[]>;
  /** The parked keys of all partitions, ordered by the position of their first event. The cost depends on the number of keys, not of events. */
  parkedKeys(build: BuildPlace): Promise<readonly ParkedPlace[]>;
  /** A page of the parked keys in the same order, with details; the first hundred by default. */
  parked(build: BuildPlace, page?: ParkedPage): Promise<readonly ParkedKey[]>;
  /** The ids of all events that the build left out because they are skipped. */
  leftOut(build: BuildPlace): Promise<ReadonlySet<string>>;
  /**
   * Runs `work` on a partition that nobody else changes meanwhile; what it wrote is undone when it rejects. Work that may be
   * run twice may find at its end that somebody did, which undoes it and runs it again: that spares the lock. A store without
   * transactions keeps what is written until the work has resolved, and runs work that parks under a lock (rule 22).
   */
  inPartition<Result>(
    build: Build,
    partition: number,
    work: (session: PartitionSession) => Promise<Result>,
    how?: { readonly mayRunTwice: boolean },
  ): Promise<Result>;
  /** The committed rows of these keys, by key text; as of now, whether searches find them yet or not. */
  load(build: Build, keys: ByTable<readonly Row[]>): Promise<LoadedRows>;
  /** The committed rows of all partitions that have these columns and values, by key text. */
  find(build: Build, patterns: Patterns): Promise<ByTable<ReadonlyMap<string, Row>>>;
  /** Writes a fill and advances every checkpoint to its end; writes nothing if a checkpoint is not the expected one. */
  fill(build: Build, fill: Fill): Promise<"written" | "moved">;
  snapshot<Result>(build: Build, work: (snapshot: BuildSnapshot) => Promise<Result>): Promise<Result>;
  /**
   * What is committed in the build now is found by queries once this resolves: a query with a token calls it after the checkpoint
   * was read and before it searches (rule 25). Nothing to do where a commit is seen at once.
   */
  refresh(build: BuildPlace): Promise<void>;
  /**
   * Makes `next` the build that queries read, in one step with its state in the catalog: locks the checkpoints of `previous`
   * (rule 17), asks `mayTakeOver` with its highest position, and retires `previous`. False when it may not. Nothing is applied
   * to `previous` while it is asked. An attempt finishes or undoes what one left that crashed (rule 24).
   */
  takeOver(
    next: Build,
    previous: Build | undefined,
    mayTakeOver: (highest: bigint) => Promise<boolean>,
  ): Promise<boolean>;
  /** Removes everything that a build owns. Has no effect if that was done. */
  drop(build: BuildPlace): Promise<void>;
  /** `refused`: caused by the contents of an event; `fault`: caused by the store or the connection, and a retry may succeed. */
  classify(error: unknown): "refused" | "fault";
  /** Whether an error says that what the build owns is gone: it is over then, and another takes its place (rule 23). */
  isLost(error: unknown): boolean;
};
