import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const demoFolder = new URL("../../library-demo/", import.meta.url);
const patienceMs = 120_000;

/**
 * Waits until GET /v1/books lists as many books as the demo library has: then commands, dispatcher, worker and queries
 * all work. `check` is called between the questions and may throw. Rejects after two minutes.
 */
export async function untilListed(api: string, check: () => void): Promise<void> {
  const expected = (await readdir(demoFolder)).filter((name) => name.endsWith(".txt")).length;
  const deadline = Date.now() + patienceMs;
  let last = "no answer";
  while (Date.now() < deadline) {
    check();
    try {
      const response = await fetch(`${api}/v1/books?limit=100`, { signal: AbortSignal.timeout(5_000) });
      const body = (await response.json()) as { items?: unknown[] };
      last = response.ok ? `${body.items?.length} books` : `status ${response.status}`;
      if (response.ok && (body.items?.length ?? 0) >= expected) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  throw new Error(`GET ${api}/v1/books does not list the ${expected} demo books (${last})`);
}
