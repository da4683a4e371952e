import type { Worker } from "bullmq";
import type { Redis } from "../../../platform/redis.ts";
import { isPresent } from "./presence.ts";

/**
 * The interval, in ms, at which every queue is checked even without active batches: the check also trims BullMQ's
 * record of a queue's events.
 */
const checkAnywayMs = 30_000;

/**
 * Makes a worker check its queue for stalled batches only while a batch is active in any process; otherwise none can be
 * stalled. All queues of this process are queried in one command, whereas each check is a script of its own.
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
