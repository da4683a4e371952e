import type { LogPoint } from "../core/batch.ts";
import type { Build, BuildRef, BuildState } from "../core/build.ts";
import type { ReadModel } from "../core/declaration.ts";

/** The progress of a fill, from the beginning of the log. */
export type FillProgress = {
  readonly position: bigint;
  readonly events: number;
  /** The position of the log's last event at the time of this report. */
  readonly head: bigint;
  readonly at: Date;
};

/** When the fill of a build may begin, and how many builds in a row had to be replaced before it, each within an hour. */
export type Waits = { readonly until: Date; readonly replacements: number };

export type BuildRecord = BuildRef & {
  readonly readModel: string;
  readonly version: number;
  readonly number: number;
  readonly state: BuildState;
  /** Whether the fill is complete: from then on the dispatcher feeds the build. */
  readonly filled: boolean;
  /** Whether an operator paused the fill. When resumed, it continues where it stopped. */
  readonly paused: boolean;
  readonly fillProgress: FillProgress | null;
  /** Of a build that replaces builds that had to be replaced themselves (`replace`); see `Waits`. */
  readonly waits?: Waits;
  /** Why it failed. */
  readonly reason: string | null;
  /** Whether everything that it owned was dropped. */
  readonly dropped: boolean;
  readonly createdAt: Date;
};

/**
 * Why a partition is stopped. `event_unknown`: no worker that received the event knows its type or version; `log_mismatch`: the
 * log does not have the event of the checkpoint, so it is not the log from which the build was made; `too_many_parked`: more
 * keys would be parked than a build may have, which stops all partitions of the build.
 */
export type FailureKind = "event_unknown" | "log_mismatch" | "too_many_parked";

export type Failure = {
  readonly partition: number;
  readonly kind: FailureKind;
  readonly position: bigint;
  readonly eventId: string;
  readonly detail: string;
  readonly since: Date;
};

/** `isOfBuild`: it stops the whole build, and the partition has no failure of its own. */
export type OpenFailure = Failure & { readonly isOfBuild?: true };

/** A run of verify, and the number of differences from the log that it found. */
export type VerificationRun = {
  readonly readModel: string;
  readonly build: string;
  /** Of a run over some keys, which ones: only a run over all or over the same ones covers what it found. */
  readonly scope: { readonly kind: "all" | "sample" } | { readonly kind: "keys"; readonly keys: readonly string[] };
  /** Partition keys, rows and events that were compared. */
  readonly keys: number;
  readonly rows: number;
  readonly events: number;
  readonly differences: number;
};

/** The last run of one scope on a build, and what stands of all that runs of this scope found. */
export type VerificationRecord = Omit<VerificationRun, "scope"> & {
  readonly scope: "all" | "sample" | "keys";
  readonly at: Date;
  /**
   * Differences that no later run over all keys, or over the same keys, has compared again; for samples, the most that
   * a single sample found.
   */
  readonly differences: number;
  /** When the last of these was found. Null without any. */
  readonly foundAt: Date | null;
};

/**
 * The builds of all read models with their states, failures and leases: always in Postgres, wherever rows are stored. States
 * change only in catalog/buildStates.ts, which a store's `takeOver` also uses, to change the state together with the swap.
 */
export type BuildCatalog = {
  /** All builds, in order of creation. */
  list(): Promise<readonly BuildRecord[]>;
  /**
   * The building and live builds of a read model. Rejects if one of the same version was made with other tables, categories or
   * partition keys: such a change requires a higher version.
   */
  buildsOf(readModel: ReadModel): Promise<readonly (BuildRecord & { readonly build: Build })[]>;
  /** Adds a build in the state `building`, unless there is one of this version in a state of `unless`. */
  add(
    readModel: ReadModel,
    partitions: number,
    options?: { readonly unless?: readonly ("building" | "live")[] },
  ): Promise<Build | undefined>;
  /**
   * Changes the state of a build to `failed` (from `building`) or `retired` (from `building` or `live`). False if it is in
   * another state; then nothing changes.
   */
  end(build: BuildRef, state: "retired" | "failed", reason: string): Promise<boolean>;
  /**
   * Ends a build that must be replaced and adds another of its read model, unless one is being built, in one step. After several
   * replacements in a row the new one waits (`BuildRecord.waits`), the longer the more there were. Undefined, without a change, if it had ended, or, with `onlyIf`, is in another state.
   */
  replace(
    build: Build,
    reason: string,
    options?: { readonly onlyIf?: "building" },
  ): Promise<{ readonly added: Build | undefined } | undefined>;
  markFilled(build: BuildRef): Promise<void>;
  /** Not paused: the fill does not wait any longer either. */
  setPaused(build: BuildRef, paused: boolean): Promise<void>;
  /** Counts a start of the fill at this checkpoint; the numbers include this one. */
  countFillStart(build: BuildRef, position: bigint): Promise<{ readonly starts: number; readonly startsHere: number }>;
  /** Uncounts the last start: it ended without killing its process. */
  takeBackFillStart(build: BuildRef): Promise<void>;
  /** Resets the counters of starts: a segment was written. */
  forgetFillStarts(build: BuildRef): Promise<void>;
  reportProgress(build: BuildRef, progress: Omit<FillProgress, "at">): Promise<void>;
  /** Marks an ended build as dropped and deletes its failures and parked events. Its number is not used again. */
  markDropped(build: BuildRef): Promise<void>;

  /** Records why a partition does not advance. The failure is open until the checkpoint has passed the event. */
  reportFailure(
    build: BuildRef,
    failure: { partition: number; kind: FailureKind; at: LogPoint; detail: string },
  ): Promise<void>;
  /** Removes failures: the partition advances again, or the log is the right one. */
  clearFailure(build: BuildRef, kind: FailureKind, partition?: number): Promise<void>;
  /** All recorded failures, including those that a checkpoint has passed (see `openFailures`). */
  failures(build: BuildRef): Promise<readonly Failure[]>;

  /** Takes or renews a lease for `ms`. Resolves with 0 if taken, else with the ms until another holder's lease expires. */
  takeLease(name: string, holder: string, ms: number): Promise<number>;
  releaseLease(name: string, holder: string): Promise<void>;
  /** Registers `member` as a worker of a build, or of another group of this name, for `ms`; resolves with all registered members, sorted. */
  join(group: { readonly name: string }, member: string, ms: number): Promise<readonly string[]>;
  leave(group: { readonly name: string }, member: string): Promise<void>;
  /**
   * By build name: for how many milliseconds no process that works on the build has renewed its lease; 0 or less while a lease
   * is valid. Builds that all processes have left are missing.
   */
  silentFor(): Promise<ReadonlyMap<string, number>>;
  /** The names of the builds that a dispatcher feeds or a worker fills, of any release: those on which it holds a lease. */
  fedBuilds(): Promise<ReadonlySet<string>>;

  /** Kept for 90 days, and while its differences stand. */
  recordVerification(run: VerificationRun): Promise<void>;
  /** The last run of each scope on each live build of these versions, with the differences that stand. */
  lastVerifications(readModels: readonly Pick<ReadModel, "name" | "version">[]): Promise<readonly VerificationRecord[]>;
  /** Returns whether the error of a method means that the catalog is unreachable, so that a retry may succeed. */
  isAway(error: unknown): boolean;
};

/**
 * The open failures: those whose event the checkpoint has not passed, and those without an event. A failure that stops the
 * whole build is returned for each partition, marked where the partition has none of its own.
 */
export function openFailures(
  failures: readonly Failure[],
  checkpoints: readonly { readonly position: bigint }[],
): readonly OpenFailure[] {
  const open = failures.filter(
    ({ kind, partition, position }) => kind === "log_mismatch" || position > (checkpoints[partition]?.position ?? -1n),
  );
  const ofBuild = open.find(({ kind }) => kind === "too_many_parked");
  if (ofBuild === undefined) return open;
  const others = checkpoints
    .map((_, partition) => partition)
    .filter((partition) => !open.some((own) => own.partition === partition));
  return [...open, ...others.map((partition) => ({ ...ofBuild, partition, isOfBuild: true as const }))];
}
