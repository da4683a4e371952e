import type { Written } from "../domain/consistencyToken.ts";
import type { Logger } from "../platform/logger.ts";
import type { Pool } from "../platform/postgres.ts";
import type { Redis } from "../platform/redis.ts";
import { findBuild, type LiveBuild } from "./engine/build.ts";
import { readCheckpoints } from "./engine/checkpoints.ts";
import type { ReadModel } from "./engine/declaration.ts";
import { laneOf } from "./engine/lane.ts";
import { listen } from "./engine/signals.ts";
import { openTroubles, type TroubleKind } from "./engine/troubles.ts";

/** How long a query waits for what its tokens name, and how often it looks at the checkpoints without being woken. */
const patienceMs = 2_000;
const pollMs = 50;

/** A lane of a live build, for readiness; `stopped` says why it does not go on, if it does not. */
export type LaneState = {
  readonly lane: number;
  readonly position: string;
  readonly stopped?: { readonly kind: TroubleKind; readonly position: string; readonly detail: string };
};

export type Readiness = {
  readonly ready: boolean;
  readonly readModels: Readonly<
    Record<string, { readonly build: string | null; readonly lanes: readonly LaneState[] }>
  >;
};

export type Consistency = {
  /** Waits until each named read model has applied what the tokens name, as far as it is fed by their categories. */
  wait(readModels: readonly string[], written: readonly Written[]): Promise<"current" | "stale">;
  /** Ready when every read model has a live build and none of its lanes stands still. */
  readiness(): Promise<Readiness>;
};

/** A lane of a build that must come to a position before a query may be answered. */
type Goal = { readonly build: LiveBuild; readonly lane: number; readonly position: bigint };

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

  const note = (build: string, lane: number, position: bigint) => {
    const key = `${build} ${lane}`;
    if (position > (applied.get(key) ?? -1n)) applied.set(key, position);
  };
  listen(options.subscriber, "advanced", ({ build, lane, position }) => {
    note(build, lane, position);
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
        const keys = readModel.laneKey === "book" ? token.books : token.reader === undefined ? [] : [token.reader];
        goals.push(...keys.map((key) => ({ build, lane: laneOf(key, build.lanes), position: token.position })));
      }
    }
    return goals;
  };

  const isReached = ({ build, lane, position }: Goal) => (applied.get(`${build.schema} ${lane}`) ?? -1n) >= position;

  const look = async (goals: readonly Goal[]) => {
    for (const build of new Set(goals.map((goal) => goal.build))) {
      const checkpoints = await readCheckpoints(pool, build);
      checkpoints.forEach(({ position }, lane) => {
        note(build.schema, lane, position);
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
        ({ build, lanes }) => build !== null && lanes.every(({ stopped }) => stopped === undefined),
      );
      return { ready, readModels: named };
    },
  };

  async function stateOf(readModel: ReadModel): Promise<Readiness["readModels"][string]> {
    const build = await buildOf(readModel);
    if (build === undefined) return { build: null, lanes: [] };
    const [checkpoints, troubles] = await Promise.all([readCheckpoints(pool, build), openTroubles(pool, build)]);
    const lanes = checkpoints.map(({ position }, lane) => {
      const trouble = troubles.find((candidate) => candidate.lane === lane);
      if (trouble === undefined) return { lane, position: String(position) };
      const { kind, detail } = trouble;
      return { lane, position: String(position), stopped: { kind, position: String(trouble.position), detail } };
    });
    return { build: build.schema, lanes };
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
