import type { Batch } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { backoff, pause } from "../timing.ts";
import { applyBatch } from "./applyBatch.ts";
import { type ApplyDependencies, applyPatiently, type PatientlyApplied } from "./applyPatiently.ts";
import { blame } from "./blame.ts";
import { refusing } from "./diedOfIt.ts";

/** So many workers must die of a batch before it is taken apart, and then so many of one event before that is parked. */
export const deathsOfABatch = 2;
const deathsOfAnEvent = 2;

/** At which event a worker is, and how many died at it before: kept with the job, for the worker that takes it next. */
export type DeathCount = { readonly eventId: string; readonly deaths: number };
export type DeathCounter = {
  readonly found: DeathCount | undefined;
  write(note: DeathCount | undefined): Promise<void>;
};

let turn: Promise<unknown> = Promise.resolve();

/** One suspect event at a time in this process: when it dies, the note of no other event takes the blame. */
function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  const mine = turn.then(work);
  turn = mine.catch(() => undefined);
  return mine;
}

/**
 * Applies a batch that workers died of: event by event, each noted before it is tried. An event that is noted already, and is
 * not applied, killed the worker that wrote the note; at the second time it is parked. The store is asked for the checkpoint before
 * each note, and a note is taken back when the store fails, so that workers that die while they wait for it blame no event.
 */
export async function applySuspect(
  dependencies: ApplyDependencies,
  build: Build,
  batch: Batch,
  counter: DeathCounter,
  stop: AbortSignal,
): Promise<PatientlyApplied> {
  let applied: PatientlyApplied = { outcome: "done", parkedKeys: new Set() };
  let after = batch.after;
  if (batch.events.length === 0) return applyPatiently(dependencies, build, batch, stop);
  for (const [index, event] of batch.events.entries()) {
    const last = index === batch.events.length - 1;
    const upTo = last ? batch.upTo : { position: event.position, eventId: event.id };
    const alreadyApplied = applied;
    applied = await applyOne(dependencies, build, { ...batch, after, upTo, events: [event] }, counter, stop);
    if (applied.outcome !== "applied" && applied.outcome !== "done") return applied;
    // The outcome of the batch: it was applied when any of its events was.
    if (applied.outcome === "done" && alreadyApplied.outcome === "applied") applied = alreadyApplied;
    after = upTo.position;
  }
  return applied;
}

async function applyOne(
  dependencies: ApplyDependencies,
  build: Build,
  one: Batch,
  counter: DeathCounter,
  stop: AbortSignal,
): Promise<PatientlyApplied> {
  const { store, codec, logger, timing } = dependencies;
  const eventId = one.events[0]?.id ?? "";
  const deaths = counter.found?.eventId === eventId ? counter.found.deaths + 1 : 0;
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      const checkpoints = await store.checkpoints(build);
      if ((checkpoints[one.partition]?.position ?? one.after) >= one.upTo.position) {
        return { outcome: "done", parkedKeys: new Set() };
      }
      if (deaths >= deathsOfAnEvent) {
        logger.error({ build: build.name, partition: one.partition, eventId, deaths }, "workers died of this event");
        return await applyPatiently({ ...dependencies, codec: refusing(codec, eventId) }, build, one, stop);
      }
      return await alone(async () => {
        await counter.write({ eventId, deaths });
        try {
          return await applyBatch(store, codec, build, one);
        } catch (error) {
          await counter.write(undefined);
          throw error;
        }
      });
    } catch (error) {
      // Parks the event, or says that it is unknown.
      if (blame(store, error) !== "fault") return applyPatiently(dependencies, build, one, stop);
      logger.warn({ err: error, attempt, build: build.name, eventId }, "a suspect event could not be tried; again");
      await pause(backoff(timing, attempt), stop);
    }
  }
  return { outcome: "stopped", parkedKeys: new Set() };
}
