import type { Batch } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { backoff, pause } from "../timing.ts";
import { applyBatch } from "./applyBatch.ts";
import { type ApplyDependencies, applyPatiently, type PatientlyApplied } from "./applyPatiently.ts";
import { classifyFailure } from "./classifyFailure.ts";
import { refusing } from "./workerDiedError.ts";

/**
 * The number of workers that must have died at a batch before it is applied event by event, and at one event before
 * that event is parked.
 */
export const deathsPerBatch = 2;
const deathsOfAnEvent = 2;

/** The event that a worker is trying, and how many workers died at it before: stored with the job, for the next worker. */
export type DeathCount = { readonly eventId: string; readonly deaths: number };
export type DeathCounter = {
  readonly found: DeathCount | undefined;
  write(note: DeathCount | undefined): Promise<void>;
};

let turn: Promise<unknown> = Promise.resolve();

/** Runs the work on one suspected event at a time per process: if the process dies, no other event is blamed. */
function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  const mine = turn.then(work);
  turn = mine.catch(() => undefined);
  return mine;
}

/**
 * Applies a batch at which workers died event by event, recording each before it is tried. An event that is already recorded
 * but not applied has killed the worker that recorded it; the second time it is parked. The store is asked for the checkpoint
 * before each record, and a record is withdrawn when the store fails, so that a worker that dies while waiting for the store
 * blames no event.
 */
export async function applySuspected(
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
    // The outcome of the batch: it was applied if any of its events was.
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
        logger.error(
          { build: build.name, partition: one.partition, eventId, deaths },
          "the event crashed workers; parking it",
        );
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
      // Parks the event, or reports that it is unknown.
      if (classifyFailure(store, error) !== "fault") return applyPatiently(dependencies, build, one, stop);
      logger.warn({ err: error, attempt, build: build.name, eventId }, "cannot try a suspected event; retrying");
      await pause(backoff(timing, attempt), stop);
    }
  }
  return { outcome: "stopped", parkedKeys: new Set() };
}
