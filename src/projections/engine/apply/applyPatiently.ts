import type { Codec } from "../../../event-store/codec.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Pool } from "../../../platform/postgres.ts";
import type { Batch } from "../batch.ts";
import type { Build } from "../build.ts";
import { type FailureKind, reportFailure } from "../failures.ts";
import { backoff, pause, type Timing } from "../timing.ts";
import { applyBatch, type Outcome } from "./applyBatch.ts";
import { type Blame, blame } from "./faults.ts";

export type ApplyDependencies = {
  readonly pool: Pool;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly timing: Timing;
};

/** `unknown`: this code does not know an event; `stopped`: the worker is closing. In both the batch is somebody else's. */
export type PatientOutcome = Outcome | "unknown" | "stopped";

/**
 * Applies a batch, and tries again for ever, inside the job, while the store or the way to it is at fault: the partition keeps
 * its order. A batch that fails for what is in it is halved until the event is found; what stands before that event is
 * applied, and the partition stops there, says so in readiness and goes on when the event is taken: nothing is skipped.
 */
export async function applyPatiently(
  dependencies: ApplyDependencies,
  build: Build,
  batch: Batch,
  stop: AbortSignal,
): Promise<PatientOutcome> {
  const { pool, codec, logger, timing } = dependencies;
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      return await applyBatch(pool, codec, build, batch);
    } catch (error) {
      const culprit = blame(error);
      const [event] = batch.events;
      if (culprit !== "fault" && batch.events.length > 1) {
        const [first, second] = halve(batch);
        const outcome = await applyPatiently(dependencies, build, first, stop);
        if (outcome !== "applied" && outcome !== "done") return outcome;
        return applyPatiently(dependencies, build, second, stop);
      }
      const where = {
        build: build.schema,
        partition: batch.partition,
        eventId: event?.id,
        position: String(event?.position),
      };
      logger.warn({ err: error, attempt, ...where }, failureText[culprit]);
      if (culprit !== "fault" && event !== undefined) {
        const at = { position: event.position, eventId: event.id };
        const failure = {
          partition: batch.partition,
          kind: failureKind[culprit],
          at,
          detail: (error as Error).message,
        };
        await reportFailure(pool, build, failure).catch(() => undefined);
      }
      if (culprit === "unknown") return "unknown";
      await pause(culprit === "fault" ? backoff(timing, attempt) : timing.retryRefused, stop);
    }
  }
  return "stopped";
}

const failureText: Record<Blame, string> = {
  fault: "a batch could not be applied; trying again",
  refused: "an event is refused: its partition stands still",
  unknown: "an event's type or version is unknown to this worker",
};

const failureKind: Record<Exclude<Blame, "fault">, FailureKind> = {
  refused: "event_refused",
  unknown: "event_unknown",
};

function halve(batch: Batch): readonly [Batch, Batch] {
  const middle = Math.floor(batch.events.length / 2);
  const last = batch.events[middle - 1];
  if (last === undefined) throw new Error("a batch of fewer than two events cannot be halved");
  const upTo = { position: last.position, eventId: last.id };
  return [
    { ...batch, upTo, events: batch.events.slice(0, middle) },
    { ...batch, after: upTo.position, events: batch.events.slice(middle) },
  ];
}
