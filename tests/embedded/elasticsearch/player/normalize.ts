import type { Answer } from "./send.ts";

/** Names whose values vary between servers or over time. */
const varying = new Set([
  "took",
  "uuid",
  "index_uuid",
  "node",
  "creation_date",
  "cluster_name",
  "pit_id",
  "index.uuid",
  "index.creation_date",
  "task_max_waiting_in_queue_millis",
  "build_date",
  "cluster_uuid",
  "name",
]);

/** An answer without varying values, its members in order. */
export function normalize({ status, body }: Answer): Answer {
  return { status, body: walk(body, "") };
}

function walk(value: unknown, key: string): unknown {
  if (varying.has(key) && (typeof value === "string" || typeof value === "number")) return "*";
  if (Array.isArray(value)) return value.map((item) => walk(item, key));
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).toSorted();
    return Object.fromEntries(names.map((name) => [name, walk((value as Record<string, unknown>)[name], name)]));
  }
  if (typeof value !== "string") return value;
  if (key === "_id" && /^[\w-]{20}$/.test(value)) return "*";
  if (key === "id" && value.length > 30) return "*";
  // `index/uuid`, and the session of a point in time.
  return value.replace(/\/[\w-]{22}\]/g, "/*]").replace(/\[\[[\w-]{22}\]\[\d+\]/, "[[*][*]");
}

/** The first difference of two answers, for a message; undefined if they are equal. */
export function difference(one: Answer, other: Answer): { one: string; other: string } | undefined {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  if (a === b) return undefined;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 80), at + 240);
  return { one: around(a), other: around(b) };
}
