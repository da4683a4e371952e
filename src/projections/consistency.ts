import type { Written } from "../domain/consistencyToken.ts";
import type { Logger } from "../platform/logger.ts";
import type { Pool } from "../platform/postgres.ts";
import type { Redis } from "../platform/redis.ts";
import { findBuild, type LiveBuild } from "./engine/build.ts";
import { readCheckpoints } from "./engine/checkpoints.ts";
import type { ReadModel } from "./engine/declaration.ts";
import { type FailureKind, openFailures } from "./engine/failures.ts";
import { partitionOf } from "./engine/partition.ts";
import { listen } from "./engine/signals.ts";

/** How long a query waits for what its tokens name, and how often it looks at the checkpoints without being woken. */
const patienceMs = 2_000;
const pollMs = 50;

/** A partition of a live build, for readiness; `stopped` says why it does not go on, if it does not. */
export type PartitionState = {
  readonly partition: number;
  readonly position: string;
  readonly stopped?: { readonly kind: FailureKind; readonly position: string; readonly detail: string };
};

export type Readiness = {
  readonly ready: boolean;
  readonly readModels: Readonly<
    Record<string, { readonly build: string | null; readonly partitions: readonly PartitionState[] }>
  >;
};

export type Consistency = {
  /** Waits until each named read model has applied what the tokens name, as far as it is fed by their categories. */
  wait(readModels: readonly string[], written: readonly Written[]): Promise<"current" | "stale">;
  /** Ready when every read model has a live build and none of its partitions stands still. */
  readiness(): Promise<Readiness>;
};

/** A partition of a build that must come to a position before a query may be answered. */
type Goal = { readonly build: LiveBuild; readonly partition: number; readonly position: bigint };

/**
 * Read-your-writes for the API (docs/architecture.md, "Read your writes"): woken by the workers' signals, with a look at
 * the checkpoints underneath, since a signal may be lost.
 */
export function createConsistency(options: {
  readonly readModels: readonly ReadModel[];
  readonly pool: Pool;
  /** For signals alone. */
  readonly subscriber: Redis;
  readonly logger: Logger;
}): Consistency {
  const { readModels, pool, logger } = options;
  const builds = new Map<string, LiveBuild>();
  const applied = new Map<string, bigint>();
  const waiting = new Set<() => void>();

  const note = (build: string, partition: number, position: bigint) => {
    const key = `${build} ${partition}`;
    if (position > (applied.get(key) ?? -1n)) applied.set(key, position);
  };
  listen(options.subscriber, "advanced", ({ build, partition, position }) => {
    note(build, partition, position);
    for (const wake of waiting) wake();
  });

  const buildOf = async (readModel: ReadModel): Promise<LiveBuild | undefined> => {
    const known = builds.get(readModel.name);
    if (known !== undefined) return known;
    const found = await findBuild(pool, readModel);
    if (found !== undefined) builds.set(readModel.name, found);
    return found;
  };

  const goalsOf = async (names: readonly string[], written: readonly Written[]): Promise<Goal[] | undefined> => {
    const goals: Goal[] = [];
    for (const readModel of readModels.filter(({ name }) => names.includes(name))) {
      for (const token of written.filter(({ category }) => readModel.categories.includes(category))) {
        const build = await buildOf(readModel);
        if (build === undefined) return undefined;
        const keys = readModel.partitionKey === "book" ? token.books : token.reader === undefined ? [] : [token.reader];
        goals.push(
          ...keys.map((key) => ({ build, partition: partitionOf(key, build.partitions), position: token.position })),
        );
      }
    }
    return goals;
  };

  const isReached = ({ build, partition, position }: Goal) =>
    (applied.get(`${build.schema} ${partition}`) ?? -1n) >= position;

  const look = async (goals: readonly Goal[]) => {
    for (const build of new Set(goals.map((goal) => goal.build))) {
      const checkpoints = await readCheckpoints(pool, build);
      checkpoints.forEach(({ position }, partition) => {
        note(build.schema, partition, position);
      });
    }
  };

  return {
    async wait(names, written) {
      const until = Date.now() + patienceMs;
      try {
        let open = await goalsOf(names, written);
        if (open === undefined) return "stale";
        for (;;) {
          open = open.filter((goal) => !isReached(goal));
          if (open.length === 0) return "current";
          await look(open);
          if (open.every(isReached)) return "current";
          if (Date.now() >= until) return "stale";
          await nextWake(waiting, Math.min(pollMs, until - Date.now()));
        }
      } catch (error) {
        logger.warn({ err: error }, "cannot tell how far the read models are");
        return "stale";
      }
    },

    async readiness() {
      const states = await Promise.all(readModels.map(async (readModel) => [readModel.name, await stateOf(readModel)]));
      const named: Readiness["readModels"] = Object.fromEntries(states);
      const ready = Object.values(named).every(
        ({ build, partitions }) => build !== null && partitions.every(({ stopped }) => stopped === undefined),
      );
      return { ready, readModels: named };
    },
  };

  async function stateOf(readModel: ReadModel): Promise<Readiness["readModels"][string]> {
    const build = await buildOf(readModel);
    if (build === undefined) return { build: null, partitions: [] };
    const [checkpoints, failures] = await Promise.all([readCheckpoints(pool, build), openFailures(pool, build)]);
    const partitions = checkpoints.map(({ position }, partition) => {
      const failure = failures.find((candidate) => candidate.partition === partition);
      if (failure === undefined) return { partition, position: String(position) };
      const { kind, detail } = failure;
      return { partition, position: String(position), stopped: { kind, position: String(failure.position), detail } };
    });
    return { build: build.schema, partitions };
  }
}

function nextWake(waiting: Set<() => void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      waiting.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    waiting.add(done);
  });
}
