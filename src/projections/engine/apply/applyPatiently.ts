import type { Codec } from "../../../event-store/codec.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { Batch } from "../core/batch.ts";
import type { Build } from "../core/build.ts";
import { parkingKeyOf } from "../core/parkingKey.ts";
import { maxParkedKeys } from "../core/parkingLimits.ts";
import type { BuildCatalog, FailureKind } from "../ports/buildCatalog.ts";
import type { ReadModelStore } from "../ports/readModelStore.ts";
import { backoff, pause, type Timing } from "../timing.ts";
import { type Applied, applyBatch, type Outcome } from "./applyBatch.ts";
import { classifyFailure } from "./classifyFailure.ts";
import { mayPark, parkPoison } from "./parkPoison.ts";

export type ApplyDependencies = {
  readonly store: ReadModelStore;
  readonly catalog: Pick<BuildCatalog, "reportFailure">;
  readonly codec: Codec;
  readonly logger: Logger;
  readonly timing: Timing;
  /** The ids of the events skipped in a read model; called when an event is refused. Default: none. */
  readonly skips?: (readModel: string) => Promise<ReadonlySet<string>>;
};

/** `unknown`: this code does not know an event; `stopped`: the worker is closing. In both cases another worker takes the batch. */
export type PatientOutcome = Outcome | "unknown" | "stopped";
export type PatientlyApplied = Omit<Applied, "outcome"> & { readonly outcome: PatientOutcome };

const none: ReadonlySet<string> = new Set();

/**
 * Applies a batch, retrying for ever within the job while the store or the connection fails, so that the partition keeps its
 * order. A batch that fails because of its contents is halved until the event is found; that event is parked, and the other keys
 * of the partition continue. Beyond 100 parked keys the partition stops at the event and reports a failure.
 */
export async function applyPatiently(
  dependencies: ApplyDependencies,
  build: Build,
  batch: Batch,
  stop: AbortSignal,
): Promise<PatientlyApplied> {
  const { store, codec, logger, timing } = dependencies;
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      return await applyBatch(store, codec, build, batch);
    } catch (error) {
      const failure = classifyFailure(store, error);
      const [event] = batch.events;
      if (failure === "fault" || event === undefined) {
        const where = { build: build.name, partition: batch.partition, position: String(event?.position) };
        logger.warn({ err: error, attempt, ...where }, "cannot apply a batch; retrying");
        await pause(backoff(timing, attempt), stop);
        continue;
      }
      if (batch.events.length > 1) {
        const [first, second] = halve(batch);
        const applied = await applyPatiently(dependencies, build, first, stop);
        if (applied.outcome !== "applied" && applied.outcome !== "done") return applied;
        return applyPatiently(dependencies, build, second, stop);
      }
      if (failure === "unknown") {
        await report("event_unknown", error);
        return { outcome: "unknown", parkedKeys: none };
      }
      const parked = await park(event, error).catch((failure: unknown) => {
        logger.warn({ err: failure, build: build.name }, "cannot park a poison event; retrying");
        return "later" as const;
      });
      if (parked !== "later") return parked;
      await pause(timing.retryRefused, stop);
    }
  }
  return { outcome: "stopped", parkedKeys: none };

  async function park(event: Batch["events"][number], error: unknown): Promise<Applied | "later"> {
    // It may have been skipped after the batch was queued.
    const skipped = await dependencies.skips?.(build.readModel.name);
    if (skipped?.has(event.id)) return applyBatch(store, codec, build, { ...batch, events: [] }, [event.id]);
    if (!(await mayPark(store, build, parkingKeyOf(event)))) {
      await report("too_many_parked", error);
      return "later";
    }
    const where = {
      build: build.name,
      partition: batch.partition,
      eventId: event.id,
      position: String(event.position),
    };
    logger.error({ err: error, ...where }, "a poison event; parking it and the later events of its key");
    return parkPoison(store, build, batch, event, (error as Error).message);
  }

  async function report(kind: FailureKind, error: unknown): Promise<void> {
    const [event] = batch.events;
    if (event === undefined) return;
    const why = kind === "too_many_parked" ? `${maxParkedKeys} keys are parked already; ` : "";
    logger.error({ err: error, build: build.name, partition: batch.partition, position: String(event.position) }, kind);
    const at = { position: event.position, eventId: event.id };
    const failure = { partition: batch.partition, kind, at, detail: `${why}${(error as Error).message}` };
    await dependencies.catalog.reportFailure(build, failure).catch(() => undefined);
  }
}

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
