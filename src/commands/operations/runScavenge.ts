import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { EventStoreUnavailable } from "../../event-store/errors.ts";
import { ScavengeRefused, scavengeUnderWay, serverScavengeEnd } from "../../event-store/scavenges.ts";
import type { EventStore, ScavengeStart } from "../../event-store/types.ts";
import { ownContext } from "../ownContext.ts";
import type { HandleCommand } from "../types.ts";
import { beginScavenge, endScavenge, type ScavengeMarker } from "./recordScavenge.ts";

/** The interval at which the builds and the server's scavenge stream are polled, in milliseconds. */
const pollIntervalMs = 200;

/** Maximum time until the marker is readable, in milliseconds. */
const markerPatienceMs = 2_000;

/** A build that delays a scavenge, the reason, and a remedy. */
type Obstacle = {
  readonly build: string;
  readonly message: string;
  readonly hint: string;
  /** Its store does not answer. */
  readonly unreachable?: true;
};
type PassedBy = { readonly passed: number; readonly partitions: number; readonly obstacles: readonly Obstacle[] };

export type ScavengeDependencies = {
  readonly eventStore: Pick<EventStore, "readStream" | "startScavenge">;
  readonly handleCommand: HandleCommand;
  /**
   * Runs the work while no erasure runs. Erasures that start later see the marker, and wait. `requireAlone` rejects if that did not hold
   * until now.
   */
  readonly alone: <Result>(work: (requireAlone: () => Promise<unknown>) => Promise<Result>) => Promise<Result>;
  /** The progress of all builds relative to a log position. */
  readonly findObstacles: (position: bigint) => Promise<PassedBy>;
};

export type ScavengeOptions = {
  readonly begunBy: string;
  /** Considers a scavenge that has begun and not ended dead. */
  readonly force: boolean;
  /** Aborts the scavenge; its reason is part of the error message. */
  readonly giveUp: AbortSignal;
  readonly onProgress: (progress: ScavengeProgress) => void;
};

/** `waiting`: for the builds to pass the marker; `running`: the server scavenges. */
export type ScavengeProgress =
  | ({ readonly doing: "waiting" } & PassedBy)
  | { readonly doing: "running"; readonly id: string };

/** `result`: as the server reports it, `Success` or something else. */
export type ScavengeReport = { readonly marker: bigint; readonly scavengeId: string; readonly result: string };

/** The scavenge did not take place, or its end is unknown; the message gives the reason and the remedy. */
export class ScavengeFailed extends Error {
  override readonly name = "ScavengeFailed";
}

/**
 * Lets the event store remove deleted events once no checkpoint can refer to them: asks the stores of the builds once, without which
 * nothing is begun, writes a marker, waits until every build has
 * passed it and none is being filled, starts the server's scavenge, waits for its end and records it. Rejects with
 * ScavengeFailed, or with an error of a store. If it is aborted before the server was asked, or the server refuses, the scavenge
 * is recorded as ended; after that it stays under way, because it is unknown whether the server has finished.
 */
export async function runScavenge(deps: ScavengeDependencies, options: ScavengeOptions): Promise<ScavengeReport> {
  await requireStores(deps, options.giveUp);
  const marker = await deps.alone((requireAlone) => begin(deps, options, requireAlone));
  if (marker === undefined) {
    throw new ScavengeFailed(
      "a scavenge has begun and not ended; --force begins another if that one's process is gone",
    );
  }
  await waitForBuilds(deps, marker, options).catch(async (error: unknown) => {
    // Keep the error of the wait, even if the event store fails now.
    await end(deps, marker, `given up: ${(error as Error).message}`).catch(() => undefined);
    throw error;
  });
  for (;;) {
    const { scavengeId, result: begun } = await startOnServer(deps, marker, options.giveUp);
    if (begun === "stopped") {
      await end(deps, marker, "the server was stopped");
      throw new ScavengeFailed("the event store stopped the scavenge");
    }
    options.onProgress({ doing: "running", id: scavengeId });
    const { result, error } = await waitForServer(deps, scavengeId, options.giveUp);
    // A scavenge that was already running may have passed events deleted since: wait for it, then start ours.
    if (begun === "in_progress") continue;
    await end(deps, marker, result);
    if (result !== "Success") {
      throw new ScavengeFailed(
        `the event store's scavenge ${scavengeId} ended with ${result}: ${error ?? "see its log"}`,
      );
    }
    return { marker: marker.position, scavengeId, result };
  }
}

/** Erasures wait from the marker on, so a store that must be started first is found before it. */
async function requireStores(deps: ScavengeDependencies, giveUp: AbortSignal): Promise<void> {
  const asked = deps.findObstacles(-1n);
  const interrupted = giveUp.aborted ? [] : [once(giveUp, "abort").then(() => undefined)];
  const found = await Promise.race([asked, ...interrupted]);
  if (found === undefined) throw new ScavengeFailed(`${giveUp.reason}, nothing was begun`);
  const unreachable = found.obstacles.filter((obstacle) => obstacle.unreachable === true);
  if (unreachable.length > 0)
    throw new ScavengeFailed(`nothing was begun, since it would wait for\n${listed(unreachable)}`);
}

/** Writes the marker, and waits until it can be read. Ends the scavenge if an erasure may have begun before. */
async function begin(
  deps: ScavengeDependencies,
  { begunBy, force }: ScavengeOptions,
  requireAlone: () => Promise<unknown>,
): Promise<ScavengeMarker | undefined> {
  const marker = await beginScavenge(deps, { begunBy, force }, ownContext({ begunBy, force }));
  const giveUpAt = performance.now() + markerPatienceMs;
  while (marker !== undefined && performance.now() < giveUpAt) {
    if (await unlessAway(scavengeUnderWay(deps.eventStore, marker.position), false)) break;
    await sleep(5);
  }
  if (marker === undefined) return undefined;
  await requireAlone().catch(async (error: unknown) => {
    await end(deps, marker, "given up: readers may be being erased").catch(() => undefined);
    throw new ScavengeFailed(`readers may be being erased (${(error as Error).message}); try again`);
  });
  return marker;
}

async function waitForBuilds(
  deps: ScavengeDependencies,
  marker: ScavengeMarker,
  options: ScavengeOptions,
): Promise<void> {
  const { giveUp, onProgress } = options;
  for (;;) {
    const found = await deps.findObstacles(marker.position);
    onProgress({ doing: "waiting", ...found });
    if (!(await unlessAway(scavengeUnderWay(deps.eventStore, marker.position), true))) {
      throw new ScavengeFailed("another scavenge was begun with --force: this one gives way");
    }
    if (found.obstacles.length === 0) return;
    if (giveUp.aborted) {
      throw new ScavengeFailed(
        `${giveUp.reason}, nothing was scavenged. It was held up by\n${listed(found.obstacles)}`,
      );
    }
    await pause(giveUp);
  }
}

async function startOnServer(
  deps: ScavengeDependencies,
  marker: ScavengeMarker,
  giveUp: AbortSignal,
): Promise<ScavengeStart> {
  if (giveUp.aborted) {
    await end(deps, marker, `given up: ${giveUp.reason}`);
    throw new ScavengeFailed(`${giveUp.reason}, nothing was scavenged`);
  }
  try {
    return await deps.eventStore.startScavenge();
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof ScavengeRefused)) {
      throw new ScavengeFailed(
        `${message}. Perhaps it scavenges: erasures wait until heima scavenge --force has come to its end`,
        { cause: error },
      );
    }
    await end(deps, marker, `refused: ${message}`);
    throw new ScavengeFailed(`${message}. Nothing was scavenged, and erasures go on`, { cause: error });
  }
}

async function waitForServer({ eventStore }: ScavengeDependencies, scavengeId: string, giveUp: AbortSignal) {
  for (;;) {
    const ended = await unlessAway(serverScavengeEnd(eventStore, scavengeId), undefined);
    if (ended !== undefined) return ended;
    if (giveUp.aborted) {
      throw new ScavengeFailed(
        `${giveUp.reason}, but the event store still scavenges (${scavengeId}): see its stream $scavenges-${scavengeId}, and run heima scavenge --force when it is done`,
      );
    }
    await pause(giveUp);
  }
}

const listed = (obstacles: readonly Obstacle[]) =>
  obstacles.map(({ build, message, hint }) => `  ${build}: ${message}\n    → ${hint}`).join("\n");

const end = (deps: ScavengeDependencies, marker: ScavengeMarker, result: string) =>
  endScavenge(deps, { marker, result }, ownContext({ marker: String(marker.revision), result }));

/** A scavenge takes hours, during which the event store may be down for a minute: poll again. */
const unlessAway = <Answer>(asked: Promise<Answer>, instead: Answer) =>
  asked.catch((error: unknown) => {
    if (error instanceof EventStoreUnavailable) return instead;
    throw error;
  });

const pause = (signal: AbortSignal) => sleep(pollIntervalMs, undefined, { signal }).catch(() => undefined);
