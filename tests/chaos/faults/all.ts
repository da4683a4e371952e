import type { FaultKind } from "../plan.ts";
import type { PartName } from "../world/world.ts";
import { rebuild } from "./builds.ts";
import { searchBusy, searchEmptied, searchReadOnly } from "./elasticsearch.ts";
import type { DoFault } from "./fault.ts";
import { jobsDelayed, jobsDuplicated, jobsReordered } from "./jobs.ts";
import { halfOpen, reset, stall } from "./links.ts";
import { fullDisk, tornTail } from "./log.ts";
import { parkedRetry, parkedSkip } from "./operators.ts";
import { poison } from "./poison.ts";
import { away, clockJump, kill, second, stopAndContinue } from "./processes.ts";
import { flushall, redisEmpty } from "./redis.ts";
import { scavenge } from "./scavenge.ts";

/** The implementation of each fault, and the part that only one fault at a time may affect. */
export const faults: { readonly [Kind in FaultKind]: { readonly run: DoFault; readonly part?: PartName } } = {
  "kill-api": { run: kill("api"), part: "api" },
  "kill-dispatcher": { run: kill("dispatcher"), part: "dispatcher" },
  "kill-worker": { run: kill("worker"), part: "worker" },
  "kill-redis": { run: kill("redis"), part: "redis" },
  "kill-postgres": { run: kill("postgres"), part: "postgres" },
  "kill-eventstore": { run: kill("eventstore"), part: "eventstore" },
  "kill-elasticsearch": { run: kill("elasticsearch"), part: "elasticsearch" },
  flushall: { run: flushall },
  "redis-empty": { run: redisEmpty, part: "redis" },
  reset: { run: reset },
  stall: { run: stall },
  "half-open": { run: halfOpen },
  "postgres-stopped": { run: stopAndContinue("postgres"), part: "postgres" },
  "postgres-away": { run: away("postgres"), part: "postgres" },
  "eventstore-stopped": { run: stopAndContinue("eventstore"), part: "eventstore" },
  "eventstore-away": { run: away("eventstore"), part: "eventstore" },
  "elasticsearch-stopped": { run: stopAndContinue("elasticsearch"), part: "elasticsearch" },
  "elasticsearch-away": { run: away("elasticsearch"), part: "elasticsearch" },
  "elasticsearch-emptied": { run: searchEmptied },
  "elasticsearch-read-only": { run: searchReadOnly },
  "elasticsearch-busy": { run: searchBusy },
  "worker-stopped": { run: stopAndContinue("worker"), part: "worker" },
  "dispatcher-stopped": { run: stopAndContinue("dispatcher"), part: "dispatcher" },
  "second-dispatcher": { run: second("dispatcher") },
  "second-worker": { run: second("worker") },
  "clock-jump": { run: clockJump },
  "jobs-duplicated": { run: jobsDuplicated },
  "jobs-delayed": { run: jobsDelayed },
  "jobs-reordered": { run: jobsReordered },
  "full-disk": { run: fullDisk, part: "eventstore" },
  "torn-tail": { run: tornTail, part: "eventstore" },
  rebuild: { run: rebuild },
  poison: { run: poison },
  "parked-retry": { run: parkedRetry },
  "parked-skip": { run: parkedSkip },
  scavenge: { run: scavenge },
};
