import { randomUUID } from "node:crypto";
import { type Connection, headerOf } from "../../bench/load/connection.ts";
import type { Entry } from "./entries.ts";

const batchSize = 100;

/** Sends a reader's entries in a random order, in batches of 100, and some of them again in other batches. */
export async function sendEntries(
  connection: Connection,
  authorization: string,
  entries: readonly Entry[],
): Promise<{ readonly token: string; readonly events: number; readonly requests: number }> {
  const order = shuffled(entries);
  const again = shuffled(entries).slice(0, Math.ceil(Math.min(entries.length, 500) / 5));
  let [token, events, requests] = ["", 0, 0];
  for (const list of [order, again]) {
    for (let first = 0; first < list.length; first += batchSize) {
      const batch = list.slice(first, first + batchSize).map(({ chapterNo: _, ...sent }) => sent);
      const headers = { authorization, "idempotency-key": randomUUID() };
      const answer = await connection.ask("POST", "/v1/reading/progress", headers, JSON.stringify({ entries: batch }));
      if (answer.status !== 200) throw new Error(`progress answered ${answer.status}: ${answer.body}`);
      token = headerOf(answer, "consistency-token") ?? token;
      events += (JSON.parse(answer.body) as { events: string[] }).events.length;
      requests++;
    }
  }
  return { token, events, requests };
}

function shuffled<Item>(list: readonly Item[]): Item[] {
  const keyed = list.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}
