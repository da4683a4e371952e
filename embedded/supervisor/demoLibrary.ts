import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const demoFolder = new URL("../../library-demo/", import.meta.url);
const patienceMs = 120_000;

/**
 * Waits until GET /v1/books lists as many books as the demo library has, and the search suggests one of them: then commands, dispatcher,
 * worker, queries and search all work. `check` is called between the questions and may throw. Rejects after two minutes.
 */
export async function untilListed(api: string, check: () => void): Promise<void> {
  const expected = (await readdir(demoFolder)).filter((name) => name.endsWith(".txt")).length;
  const deadline = Date.now() + patienceMs;
  let last = "no answer";
  while (Date.now() < deadline) {
    check();
    try {
      const response = await fetch(`${api}/v1/books?limit=100`, { signal: AbortSignal.timeout(5_000) });
      const body = (await response.json()) as { items?: readonly Book[] };
      last = response.ok ? `${body.items?.length} books` : `status ${response.status}`;
      if (response.ok && (body.items?.length ?? 0) >= expected) {
        last = "the search does not find them";
        if (await isFound(api, body.items?.[0])) return;
      }
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  throw new Error(`${api} does not show the ${expected} demo books (${last})`);
}

type Book = { readonly bookId: string; readonly title: string };

async function isFound(api: string, book: Book | undefined): Promise<boolean> {
  const url = `${api}/v1/search/suggest?q=${encodeURIComponent(book?.title ?? "")}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const { items = [] } = (await response.json()) as { items?: readonly Book[] };
  return items.some(({ bookId }) => bookId === book?.bookId);
}
