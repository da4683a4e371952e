import { setTimeout as sleep } from "node:timers/promises";
import { EventStoreDBClient } from "@eventstore/db-client";
import { Redis } from "ioredis";
import pg from "pg";
import type { EngineName } from "./engineNames.ts";

/** Maximum time for one check. */
const patienceMs = 2_000;

/**
 * Returns whether the server at a URL works: each is checked with its own protocol, with the credentials of the URL. Never rejects,
 * and returns false after at most two seconds.
 */
export async function answers(name: EngineName, url: string): Promise<boolean> {
  const opened: (() => void)[] = [];
  const over = new AbortController();
  const asked = ask[name](url, (close) => opened.push(close)).then(
    () => true,
    () => false,
  );
  const given = sleep(patienceMs, false, { signal: over.signal }).catch(() => false);
  const answer = await Promise.race([asked, given]);
  over.abort();
  for (const close of opened) close();
  return answer;
}

/** Checks a server once; `opens` receives the function that closes the connection, answered or not. */
type Ask = (url: string, opens: (close: () => void) => void) => Promise<unknown>;

const ask: { readonly [Name in EngineName]: Ask } = {
  async postgres(url, opens) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patienceMs });
    client.on("error", () => {});
    opens(() => void client.end().catch(() => {}));
    await client.connect();
    await client.query("SELECT 1");
  },
  async redis(url, opens) {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    redis.on("error", () => {});
    opens(() => redis.disconnect());
    await redis.connect();
    await redis.ping();
  },
  async eventstore(url, opens) {
    const client = EventStoreDBClient.connectionString(url.replace(/^kurrentdb/, "esdb"));
    const read = client.readAll({ maxCount: 1 });
    // A second error may follow after the result is known.
    read.on("error", () => {});
    opens(() => {
      read.destroy();
      void client.dispose().catch(() => {});
    });
    for await (const _event of read);
  },
  async elasticsearch(url) {
    const { username, password, href } = new URL("_cluster/health", url.endsWith("/") ? url : `${url}/`);
    // fetch takes no URL with credentials.
    const address = Object.assign(new URL(href), { username: "", password: "" });
    const named = [username, password].map(decodeURIComponent).join(":");
    const headers = username === "" ? {} : { authorization: `Basic ${Buffer.from(named).toString("base64")}` };
    const { ok, status } = await fetch(address, { headers, signal: AbortSignal.timeout(patienceMs) });
    // Only processes that have the API key can check whether it is accepted.
    if (!ok && status !== 401) throw new Error(`status ${status}`);
  },
  wechat: (url) => fetch(url, { signal: AbortSignal.timeout(patienceMs) }),
};
