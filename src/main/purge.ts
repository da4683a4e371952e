import { setTimeout as sleep } from "node:timers/promises";
import { type EraseDependencies, erasePending } from "../auth/erasure/erasePending.ts";
import { createFailedErasures, type FailedErasures } from "../auth/erasure/failedErasures.ts";
import { readersToErase } from "../auth/erasure/markErased.ts";
import { createSessionKeys } from "../auth/sessionKeys.ts";
import type { PurgeOptions, PurgeReport } from "../cli/reader/purge.ts";
import { createScavengeSteps } from "../cli/scavengeSteps.ts";
import { createHandleCommand } from "../commands/handleCommand.ts";
import { StreamDeleted } from "../event-store/errors.ts";
import { scavengeUnderWay } from "../event-store/scavenges.ts";
import type { EventStore } from "../event-store/types.ts";
import { loadConfig } from "../platform/config.ts";
import type { Pool } from "../platform/postgres.ts";
import { rewritePostgres } from "../platform/rewritePostgres.ts";
import { rewriteRedis } from "../platform/rewriteRedis.ts";
import { createTrials } from "../projections/catalog/trials.ts";
import type { CliParts } from "./cliParts.ts";
import { scavenge } from "./scavenge.ts";

const pollIntervalMs = 200;

/**
 * Removes data of erased readers from the disks of all stores, and drops all trials of read models. The order matters: the log
 * is scavenged before the read models' tables are rewritten, and Redis holds events as long as a batch waits. Rejects with a
 * readable Error when aborted, or while parked events of erased readers need an operator.
 */
export async function purge(parts: CliParts, { giveUp, onStep }: PurgeOptions): Promise<PurgeReport> {
  const { pool, eventStore, redis, logger } = parts;
  const handleCommand = createHandleCommand({ eventStore, logger });
  const deps: EraseDependencies = {
    pool,
    eventStore,
    handleCommand,
    logger,
    sessionKeys: createSessionKeys({ redis, keys: [] }),
    scavengeUnderWay: () => scavengeUnderWay(eventStore),
  };
  onStep("erasing the readers who are marked");
  await eraseAll(deps, { giveUp, onStep });
  onStep("dropping the trials of read models");
  const trials = (await createTrials(pool).dropAll()).map(
    ({ schema, error }) => `the trial ${schema}: ${error.message}`,
  );
  for (const trial of trials) onStep(`${trial}; heima replay trials --drop drops it`);
  await requireNothingParked(pool, eventStore);
  const { scavengeId } = await scavenge(parts, {
    begunBy: "heima reader purge",
    force: false,
    giveUp,
    onProgress: createScavengeSteps(onStep),
  });
  onStep("writing the tables of Postgres anew");
  const { tables, left } = await rewritePostgres(loadConfig(["DATABASE_URL"]).DATABASE_URL, logger, giveUp);
  onStep("letting Redis write its files anew");
  const ofRedis = await rewriteRedis(redis, giveUp).then(
    () => [],
    (error: Error) => [`the files of Redis: ${error.message}`],
  );
  return { scavengeId, tables, left: [...trials, ...left, ...ofRedis] };
}

/** The number of times, within about half a minute, that the erasure of a reader may fail. */
const maxFailures = 5;

/**
 * Waits until every marked reader is erased. A scavenge that has begun and not ended is reported once: no reader is erased before. Rejects,
 * naming the readers, if only those are left whose erasure has failed five times.
 */
export async function eraseAll(
  deps: EraseDependencies,
  { giveUp, onStep }: PurgeOptions,
  failed: FailedErasures = createFailedErasures(),
): Promise<void> {
  let isNamed = false;
  for (;;) {
    const pass = await erasePending(deps, failed);
    await requireErasable(deps.pool, failed);
    if (pass?.waiting === 0 && (await readersToErase(deps.pool, 1)).length === 0) return;
    if (giveUp.aborted) throw new Error(`${giveUp.reason}, readers are still to be erased`);
    if (!isNamed && (await deps.scavengeUnderWay())) {
      isNamed = true;
      onStep(
        "erasures wait for a scavenge that has begun and not ended; if its process is gone, run heima scavenge --force",
      );
    }
    await sleep(pollIntervalMs, undefined, { signal: giveUp }).catch(() => {});
  }
}

/** Rejects if all readers who are left have failed too often. Another process may have erased some of them meanwhile. */
async function requireErasable(pool: Pool, failed: FailedErasures): Promise<void> {
  const hopeless = failed.since(maxFailures);
  if (hopeless.length === 0) return;
  const left = await readersToErase(pool, hopeless.length + 1);
  if (left.length === 0 || !left.every((id) => hopeless.some(([readerId]) => readerId === id))) return;
  const named = hopeless.filter(([readerId]) => left.includes(readerId));
  const list = named.map(([readerId, error]) => `  ${readerId}: ${error.message}`).join("\n");
  throw new Error(`readers who cannot be erased:\n${list}`);
}

/** The event of a parked key is stored in Postgres until an operator retries or skips it. */
async function requireNothingParked(pool: Pool, eventStore: EventStore): Promise<void> {
  const { rows } = await pool.query<{ stream: string; build: string }>(
    `SELECT DISTINCT build, substring(event from '"stream":"([^"]+)"') AS stream FROM projections.parked`,
  );
  for (const { stream, build } of rows) {
    if (stream !== null && (await isDeleted(eventStore, stream)))
      throw new Error(`${build} parks events of an erased reader; retry or skip them: heima projections parked`);
  }
}

async function isDeleted(eventStore: EventStore, stream: string): Promise<boolean> {
  try {
    for await (const _ of eventStore.readStream(stream, { maxCount: 1 })) return false;
    return false;
  } catch (error) {
    if (error instanceof StreamDeleted) return true;
    throw error;
  }
}
