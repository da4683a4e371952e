import type { RecordedEvent } from "../../../event-store/types.ts";
import type { LogPoint } from "../core/batch.ts";
import type { Build, BuildRef } from "../core/build.ts";
import type { Changes, LoadedRows } from "../core/changes.ts";
import type { Row } from "../core/declaration.ts";
import type { Found, Patterns } from "../core/plan.ts";

/**
 * The last event that a partition has applied, and the number of its parked keys. `parkedVersion` increases whenever events
 * are parked, applied or skipped: a retry changes rows but not the position.
 */
export type Checkpoint = LogPoint & { readonly parkedKeys: number; readonly parkedVersion: bigint };

/** Rows or keys of rows, per table. */
export type ByTable<Value> = ReadonlyMap<string, Value>;

/** A parked event. The first of a key has the error of its handler; the later ones have none. */
export type ParkedEvent = { readonly key: string; readonly event: RecordedEvent; readonly error: string | null };

/** A parked key of a build, with the position of its first event. */
export type ParkedKeyRef = {
  readonly partition: number;
  readonly key: string;
  readonly eventId: string;
  readonly position: bigint;
  /** A retry has started to write rows and did not end: they may have seen the parked events. */
  readonly retryBegun?: true;
};

/** A parked key with details: why its first event was refused, how many events are parked, and since when. */
export type ParkedKey = ParkedKeyRef & {
  readonly type: string;
  readonly stream: string;
  readonly error: string;
  readonly events: number;
  readonly since: Date;
};

/** At most `limit` parked keys after `after`, ordered by position, then partition. */
export type ParkedPage = {
  readonly after?: Pick<ParkedKeyRef, "position" | "partition"> | undefined;
  readonly limit: number;
};

/**
 * A session on one partition of a build. It reads the checkpoint, then the parked keys, then the rows, in this order
 * (projection-protocol.md, "Applying"). Its writes become visible together with `advance`, or the store recognises by
 * position which of them were made before a crash: rows first, then parked events, the checkpoint last.
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
  /**
   * Wipes first, then rows. If the store does not accept the contents, rejects with an error that `classify` calls refused,
   * here or at the end of the session.
   */
  write(changes: Changes): Promise<void>;
  /**
   * Parks events. Every store keeps them in Postgres (`projections.parked`), under a lock on the partition. An event
   * that is parked already is left unchanged: a process may have died before it wrote the checkpoint.
   */
  park(events: readonly ParkedEvent[]): Promise<void>;
  /**
   * Removes the parked events of a key, except `kept`, which are the last of them, in order; the first of these
   * gets its new error. The time since when the key is parked does not change.
   */
  unpark(key: string, kept?: readonly ParkedEvent[]): Promise<void>;
  /** Records that the build leaves out these events because operators skip them: together with `advance`, or with `unpark`. */
  leaveOut(eventIds: readonly string[]): Promise<void>;
  advance(upTo: LogPoint): Promise<void>;
};

/** A column or field that is not as it should be, with both values. */
export type ColumnDifference = { readonly column: string; readonly expected: unknown; readonly found: unknown };

/** A row with the document of an index that has it. */
export type IndexedRow = {
  readonly row: Row;
  /**
   * What the document has beside its row that is not as it would be written for `row`: what is searched, and by which the engine finds it. With the
   * numbers that the document names; fields that depend on the time of these numbers are left out if the document does not name it.
   */
  differencesFrom(row: Row): readonly ColumnDifference[];
};

/** A consistent snapshot of a build: checkpoints, parked keys and rows. */
export type BuildSnapshot = {
  readonly checkpoints: readonly Checkpoint[];
  readonly parked: readonly ParkedKey[];
  /** All rows of a table, or those whose partition key is one of `keys`, in any order. */
  rows(table: string, keys?: readonly string[]): AsyncIterable<Row>;
  /** Only of a build in an index. */
  readonly index?: {
    /** The same rows, of the only table, with their documents. */
    rows(keys?: readonly string[]): AsyncIterable<IndexedRow>;
    /** The ids of documents that are neither of a row nor the engine's, or are the engine's and can be found by a search. */
    strays(): AsyncIterable<string>;
  };
};

/** The result of folding a segment of the log, for all partitions. */
export type Fill = {
  /** The checkpoint that every partition must have for this to be written. */
  readonly from: LogPoint;
  /** The `parkedVersion` that each partition must have: a retry in the meantime has changed rows that the fold read. */
  readonly parkedVersions: readonly bigint[];
  readonly changes: Changes;
  readonly parked: readonly (ParkedEvent & { readonly partition: number })[];
  /** The ids of all skipped events after `from` up to `upTo`, whether the log still has them or not. */
  readonly leftOut: readonly string[];
  readonly upTo: LogPoint;
};

/**
 * Stores the rows of read models. One implementation per kind of store; each must pass
 * `tests/projections/stores/contract.ts`. All methods reject with errors of the store, which `classify` distinguishes.
 */
export type ReadModelStore = {
  /**
   * Creates the tables or the index of the build, with every checkpoint before the beginning of the log, unless they
   * exist; concurrent calls create them once. Rejects for a build that has ended, and never recreates what a build has
   * lost: such a build is replaced (rule 23).
   */
  open(build: Build): Promise<void>;
  /** By partition number. */
  checkpoints(build: BuildRef): Promise<readonly Checkpoint[]>;
  /** The parked keys of all partitions, ordered by the position of their first event. The cost depends on the number of keys, not of events. */
  parkedKeys(build: BuildRef): Promise<readonly ParkedKeyRef[]>;
  /** A page of the parked keys in the same order, with details; the first hundred by default. */
  parked(build: BuildRef, page?: ParkedPage): Promise<readonly ParkedKey[]>;
  /** The ids of all events that the build left out because they are skipped. */
  leftOut(build: BuildRef): Promise<ReadonlySet<string>>;
  /**
   * Runs `work` on a partition while no other process changes it; if it rejects, its writes are undone. If work may run
   * twice, the store need not lock: when it finds at the end that another process wrote, it undoes the work and runs it
   * again. A store without transactions sends writes only after the work has resolved, and runs work that parks under a
   * lock (rule 22).
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
  /**
   * Writes a fill and advances every checkpoint to its end; writes nothing if a checkpoint is not the expected one. If it rejects, a store
   * without transactions may have written rows, which have seen their events. A store in which it takes minutes rejects with the reason of
   * `stop` when that is aborted.
   */
  fill(build: Build, fill: Fill, stop?: AbortSignal): Promise<"written" | "moved">;
  snapshot<Result>(build: Build, work: (snapshot: BuildSnapshot) => Promise<Result>): Promise<Result>;
  /**
   * After this resolves, queries find everything committed so far. A query with a token calls it after reading the checkpoint
   * and before searching (rule 24c). No effect in stores where commits are visible at once.
   */
  refresh(build: BuildRef): Promise<void>;
  /** Time after a commit for which queries may not find it, in ms; 0 or missing in stores where commits are visible at once. */
  visibleWithinMs?(build: BuildRef): number;
  /**
   * Makes `next` the build that queries read, in one step with its state in the catalog: locks the checkpoints of `previous`
   * (rule 17), calls `mayTakeOver` with its highest position, and retires `previous`. False if it may not take over. Nothing is
   * applied to `previous` meanwhile. Completes or undoes an earlier attempt that crashed (rule 24).
   */
  takeOver(
    next: Build,
    previous: Build | undefined,
    mayTakeOver: (highest: bigint) => Promise<boolean>,
  ): Promise<boolean>;
  /** Removes everything that a build owns. Has no effect if that was done. */
  drop(build: BuildRef): Promise<void>;
  /** `refused`: caused by the contents of an event; `fault`: caused by the store or the connection, and a retry may succeed. */
  classify(error: unknown): "refused" | "fault";
  /** Returns whether an error means that the build's tables or index are lost: the build is replaced (rule 23). */
  isLost(error: unknown): boolean;
};
