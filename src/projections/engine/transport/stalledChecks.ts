import type { Worker } from "bullmq";
import type { Redis } from "../../../platform/redis.ts";
import { isPresent } from "./presence.ts";

/** So often a queue is checked for stalled batches in any case: the check also trims what BullMQ notes of a queue's events. */
const checkAnywayMs = 30_000;

/**
 * Has a worker check its queue for stalled batches only while one is being worked at, in whatever process: without, there is nothing to find.
 * That is asked for all queues of this process in one command, where each check is a script of its own.
 */
export function checkWhileActive(worker: Pick<Worker, "backend" | "toKey">, redis: Redis): void {
  const { backend } = worker;
  const check = backend.moveStalledJobsToWait.bind(backend);
  const active = worker.toKey("active");
  let checkedAt = Number.NEGATIVE_INFINITY;
  backend.moveStalledJobsToWait = async () => {
    if (performance.now() - checkedAt < checkAnywayMs && !(await isPresent(redis, active))) return [];
    checkedAt = performance.now();
    return check();
  };
}
