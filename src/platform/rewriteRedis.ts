import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "./redis.ts";

const pollIntervalMs = 100;

/**
 * Makes Redis rewrite its append-only file and its snapshot, if it has them, so that they contain only current data. Rejects
 * when a rewrite fails, or with the reason of `giveUp`.
 */
export async function rewriteRedis(redis: Redis, giveUp: AbortSignal): Promise<void> {
  if ((await persistence(redis)).get("aof_enabled") === "1") {
    // A rewrite that is already running may have passed keys deleted since.
    await untilIdle(redis, giveUp);
    await redis.bgrewriteaof();
    const ended = await untilIdle(redis, giveUp);
    if (ended.get("aof_last_bgrewrite_status") !== "ok")
      throw new Error("Redis could not write its append-only file anew");
  }
  const [, save = ""] = (await redis.config("GET", "save")) as string[];
  if (save === "") return;
  await redis.bgsave();
  const ended = await untilIdle(redis, giveUp);
  if (ended.get("rdb_last_bgsave_status") !== "ok") throw new Error("Redis could not write its snapshot anew");
}

async function persistence(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const lines = (await redis.info("persistence")).split("\r\n");
  return new Map(lines.map((line) => line.split(":", 2) as [string, string]));
}

const busy = ["aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress"];

async function untilIdle(redis: Redis, giveUp: AbortSignal): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    const state = await persistence(redis);
    if (busy.every((name) => (state.get(name) ?? "0") === "0")) return state;
    if (giveUp.aborted) throw new Error(`${giveUp.reason}, while Redis writes its files anew`);
    await sleep(pollIntervalMs, undefined, { signal: giveUp }).catch(() => {});
  }
}
