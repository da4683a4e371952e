import type { Pool } from "../../platform/postgres.ts";

/**
 * Where a book is opened again: at the place that was read last, at the furthest that a device is at, or where the reader says
 * when these differ.
 */
export type ProgressPolicy = "latest" | "furthest" | "ask";

/** The policy of a reader; `ask` for all of them, as long as there are no preferences. */
export async function progressPolicyOf(_pool: Pool, _readerId: string): Promise<ProgressPolicy> {
  return "ask";
}
