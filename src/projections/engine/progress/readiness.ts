import { InvalidPosition } from "../../../event-store/errors.ts";
import type { EventStore } from "../../../event-store/types.ts";
import type { Logger } from "../../../platform/logger.ts";
import { endedBuildOf } from "../builds/endedBuild.ts";
import { type BuildCatalog, type Failure, type FailureKind, openFailures } from "../ports/buildCatalog.ts";
import { createLagCounter } from "./lag.ts";
import type { BuildProgress, ProgressTracker } from "./tracker.ts";

/** A partition that has not moved for this long is checked for a backlog, at most this often. */
const unmovedForMs = 10_000;
/** A build whose workers have sent no heartbeat for this long has no working worker. */
const silentAfterMs = 10_000;
/** The time limit for measuring a backlog. */
const timeoutMs = 1_500;

/**
 * Why a partition is stopped: a reported failure; `no_progress`: events wait and none is applied, for an unknown
 * reason; or `no_worker`: no worker has sent a heartbeat, because it ended, is suspended or is busy.
 */
export type Stop = {
  readonly kind: FailureKind | "no_progress" | "no_worker";
  readonly position: string;
  readonly detail: string;
};

export type PartitionReadiness = {
  readonly partition: number;
  readonly position: string;
  readonly parkedKeys?: number;
  readonly stopped?: Stop;
};

export type BuildReadiness = {
  readonly build: string | null;
  readonly state: "live" | "building" | "missing";
  /** Of a read model that has no build any more: the newest one that ended, and why. */
  readonly ended?: { readonly build: string; readonly state: string; readonly reason: string | null };
  /** For a build that is being filled: the number of events, and the share of the log read, from 0 to 1. */
  readonly filled?: { readonly events: number; readonly share: number };
  readonly partitions: readonly PartitionReadiness[];
};

export type ReadModelReadiness = {
  readonly ready: boolean;
  readonly readModels: Readonly<Record<string, BuildReadiness>>;
};

/**
 * Reports whether every read model has a live build whose partitions all advance when there is work. Read models with an index
 * are reported but do not affect readiness, because only the search needs them. Rejects when the catalog cannot be read.
 */
export function createReadModelReadiness(options: {
  readonly tracker: ProgressTracker;
  readonly catalog: Pick<BuildCatalog, "failures" | "silentFor" | "list">;
  readonly eventStore: Pick<EventStore, "readAll" | "readLogEnd">;
  readonly readModels: readonly { readonly name: string; readonly index?: unknown }[];
  readonly logger: Logger;
}): () => Promise<ReadModelReadiness> {
  const { tracker, catalog, eventStore, readModels, logger } = options;
  const stalls = createStallFinder(eventStore, logger);
  const isSilent = createHeartbeatCheck();

  const readinessOf = async (name: string, silentFor: ReadonlyMap<string, number>): Promise<BuildReadiness> => {
    const progress = tracker.of(name);
    const build = progress?.live ?? progress?.builds.at(-1);
    if (build === undefined) {
      const last = progress && endedBuildOf(await catalog.list(), progress.readModel);
      const ended = last && { build: last.name, state: last.state, reason: last.reason };
      return { build: null, state: "missing", ...(ended && { ended }), partitions: [] };
    }
    const failures = openFailures(await catalog.failures(build), build.partitionProgress);
    const stalled = build.partitionProgress.length > 0 ? await stalls.find(build) : [];
    const hasNoWorker = isSilent(build.name, silentFor.get(build.name));
    const partitions = build.partitionProgress.map(({ position, parkedKeys }, partition) => {
      const failure = failures.find((candidate) => candidate.partition === partition);
      const noWorker = hasNoWorker ? withoutWorker(position) : undefined;
      const stopped = failure === undefined ? (stalled[partition] ?? noWorker) : toStop(failure);
      return {
        partition,
        position: String(position),
        ...(parkedKeys.size > 0 && { parkedKeys: parkedKeys.size }),
        ...(stopped && { stopped }),
      };
    });
    if (build.state === "live") return { build: build.name, state: "live", partitions };
    return { build: build.name, state: "building", ...filledOf(build), partitions };
  };

  return async () => {
    await tracker.refresh();
    const there = readModels.flatMap(({ name }) => tracker.of(name)?.builds ?? []);
    stalls.keepOnly(new Set(there.map(({ name }) => name)));
    const silentFor = await catalog.silentFor();
    const states = await Promise.all(
      readModels.map(async ({ name }) => [name, await readinessOf(name, silentFor)] as const),
    );
    const partial = new Set(readModels.filter(({ index }) => index !== undefined).map(({ name }) => name));
    const needed = states.filter(([name]) => !partial.has(name));
    const ready = needed.every(
      ([, { state, partitions }]) => state === "live" && partitions.every(({ stopped }) => stopped === undefined),
    );
    return { ready, readModels: Object.fromEntries(states) };
  };
}

function toStop({ kind, position, detail }: Failure): Stop {
  return { kind, position: String(position), detail };
}

function filledOf({ filled, fillProgress: progress }: BuildProgress): Pick<BuildReadiness, "filled"> {
  if (filled || progress === null) return {};
  const { position, events, head } = progress;
  const share = head <= 0n ? 1 : Math.min(1, Number(position < 0n ? 0n : position) / Number(head));
  return { filled: { events, share } };
}

function withoutWorker(position: bigint): Stop {
  return { kind: "no_worker", position: String(position), detail: "no worker of the build sends a heartbeat" };
}

/** Checks whether a build has no working workers: by their leases, or, without any, since this process first checked. */
function createHeartbeatCheck() {
  const withoutSince = new Map<string, number>();
  return (build: string, silentMs: number | undefined): boolean => {
    if (silentMs !== undefined) {
      withoutSince.delete(build);
      return silentMs >= silentAfterMs;
    }
    const now = performance.now();
    const since = withoutSince.get(build) ?? now;
    withoutSince.set(build, since);
    return now - since >= silentAfterMs;
  };
}

/** The log cannot be read from the checkpoints: it is another log. Works without a dispatcher. */
function mismatchesOf({ partitionProgress }: BuildProgress, { message }: InvalidPosition): readonly Stop[] {
  return partitionProgress.map(
    ({ position }): Stop => ({ kind: "log_mismatch", position: String(position), detail: message }),
  );
}

/** Finds partitions that have not moved for ten seconds although the log has events for them. */
function createStallFinder(eventStore: Pick<EventStore, "readAll" | "readLogEnd">, logger: Logger) {
  const lags = createLagCounter(eventStore);
  /** By build, then by partition: its position, and since when it has been there. */
  const seen = new Map<string, { position: bigint; since: number }[]>();
  const asked = new Map<string, { at: number; answer: Promise<readonly (Stop | undefined)[]> }>();

  const ask = async ({ build, partitionProgress }: BuildProgress): Promise<readonly (Stop | undefined)[]> => {
    const positions = partitionProgress.map(({ position }) => position);
    const late = AbortSignal.timeout(timeoutMs);
    const lag = await lags.count(build, positions, Date.now(), late);
    return lag.partitions.map(({ events, seconds, more }, partition): Stop | undefined => {
      if ((events === 0 && !more) || seconds * 1_000 < unmovedForMs) return undefined;
      const detail = `${events}${more ? " or more" : ""} events wait, the first for ${Math.round(seconds)} s`;
      return { kind: "no_progress", position: String(positions[partition]), detail };
    });
  };

  return {
    /** Forgets all builds but these. */
    keepOnly(builds: ReadonlySet<string>): void {
      for (const build of seen.keys()) if (!builds.has(build)) seen.delete(build);
      for (const build of asked.keys()) if (!builds.has(build)) asked.delete(build);
      lags.keepOnly(builds);
    },
    async find(build: BuildProgress): Promise<readonly (Stop | undefined)[]> {
      const now = performance.now();
      const ofBuild = seen.get(build.name) ?? [];
      seen.set(build.name, ofBuild);
      const unmoved = build.partitionProgress.map(({ position }, partition) => {
        const known = ofBuild[partition];
        if (known?.position === position) return now - known.since >= unmovedForMs;
        ofBuild[partition] = { position, since: now };
        return false;
      });
      if (!unmoved.includes(true)) return [];
      const last = asked.get(build.name);
      const answer =
        last !== undefined && now - last.at < unmovedForMs / 2
          ? last.answer
          : ask(build).catch((error: unknown): readonly (Stop | undefined)[] => {
              if (error instanceof InvalidPosition) return mismatchesOf(build, error);
              logger.debug({ err: error }, "cannot read from the log what waits for the read models");
              return [];
            });
      if (answer !== last?.answer) asked.set(build.name, { at: now, answer });
      const stops = await answer;
      return stops.map((stop, partition) => (unmoved[partition] ? stop : undefined));
    },
  };
}
