import { type Redis, refusalOf, writeToRedis } from "../platform/redis.ts";
import { type Check, type Finding, messageOf } from "./check.ts";

/** The oldest supported Redis. */
const oldestMajor = 7;

/**
 * Checks that Redis answers, is recent enough, evicts no keys when full, persists its data and, with `write`, that it accepts a key, which
 * it deletes after seconds.
 */
export function redisCheck(connect: () => Redis, address: string, write: boolean): Check {
  return {
    name: "redis",
    async run(signal) {
      const redis = connect();
      // A command's rejection does not give the reason; the connection's error does.
      let why: Error | undefined;
      redis.on("error", (error: Error) => {
        why = error;
      });
      signal.addEventListener("abort", () => redis.disconnect());
      try {
        const finding = findingOf(address, factsOf(await redis.info()));
        if (finding.status === "failed" || !write) return finding;
        const refusal = await writeToRedis(redis).catch((error: unknown) => error);
        if (refusal === undefined) return finding;
        const message = `${address}, readable; a write failed: ${messageOf(refusal)}`;
        return { status: "failed", message, hint: adviceOn(refusal) };
      } catch (error) {
        return { status: "failed", message: `${address}: ${messageOf(why ?? error)}`, hint: adviceOn(why ?? error) };
      } finally {
        redis.disconnect();
      }
    },
  };
}

const byRefusal: Readonly<Record<string, string>> = {
  OOM: "raise maxmemory: it is full, and must not evict keys; see what fills it (heima projections status, MEMORY STATS)",
  MISCONF: "see its log: it cannot save its data, most often because the disk is full",
  NOREPLICAS: "start its replicas, or lower min-replicas-to-write",
  READONLY: "set REDIS_URL to the primary",
  NOPERM: "let the user of REDIS_URL run all commands on all keys (ACL SETUSER … ~* &* +@all)",
  NOAUTH: "correct user and password in REDIS_URL",
  WRONGPASS: "correct user and password in REDIS_URL",
};

function adviceOn(error: unknown): string {
  return byRefusal[refusalOf(error) ?? ""] ?? "start Redis, or correct REDIS_URL";
}

/** The `name:value` lines of INFO. */
function factsOf(info: string): ReadonlyMap<string, string> {
  return new Map([...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

/** Evaluates the fields of INFO (https://redis.io/docs/latest/commands/info/). */
export function findingOf(address: string, facts: ReadonlyMap<string, string>): Finding {
  const version = facts.get("redis_version") ?? "unknown";
  const message = `${address}, version ${version}`;
  const fail = (problem: string, hint: string): Finding => ({
    status: "failed",
    message: `${message}; ${problem}`,
    hint,
  });
  const policy = facts.get("maxmemory_policy") ?? "unknown";
  const written = [facts.get("aof_last_write_status"), facts.get("rdb_last_bgsave_status")];
  if (Number.parseInt(version, 10) < oldestMajor) return fail("too old", `upgrade to Redis ${oldestMajor} or later`);
  if (facts.get("loading") === "1") return fail("it is still loading its data", "wait, and look again");
  if (facts.get("role") === "slave") return fail("it is a replica", "set REDIS_URL to the primary");
  if (policy !== "noeviction") {
    return fail(`maxmemory-policy is ${policy}`, "set maxmemory-policy noeviction: queues must not lose keys");
  }
  if (written.some((status) => status !== undefined && status !== "ok")) {
    return fail("its last write to the disk failed", "see its log; most often the disk is full");
  }
  if (facts.get("aof_enabled") !== "1") {
    const hint = "set appendonly yes: a restart without it costs logins their session keys, and queues seconds";
    return { status: "warning", message: `${message}; no append-only file`, hint };
  }
  return { status: "ok", message: `${message}, noeviction, append-only file` };
}
