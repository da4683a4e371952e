import { decodeSyncToken } from "../../../src/http/sync/syncToken.ts";
import {
  categoryOf,
  historyAsShown,
  type Journal,
  placeAsShown,
  type ShownBook,
  shelfAsShown,
  type View,
} from "./journal.ts";
import { type Addresses, askAs, type Deadline, type Reader } from "./reader.ts";
import type { KnownBook } from "./readerCommand.ts";
import { searchFor } from "./searches.ts";
import { applied, type ChangesPage } from "./synced.ts";

/** A reader queries a view, or an offline client of the reader queries the changes. */
export async function look(
  at: Addresses,
  reader: Reader,
  books: readonly KnownBook[],
  journal: Journal,
  deadline: Deadline,
): Promise<void> {
  const { random } = reader;
  const chance = random.next();
  if (chance < 0.15) return sync(at, reader, journal, deadline);
  if (chance > 0.9) return searchFor(at, reader, books, journal);
  const view: View = chance < 0.55 ? "shelf" : chance < 0.75 ? "history" : `place ${random.pick(books).bookId}`;
  await lookAt(at, reader, view, journal, deadline);
}

/**
 * Sometimes with the token of the last command on it, alone or among those of others, sometimes without; the answer is recorded in
 * the journal.
 */
export async function lookAt(
  at: Addresses,
  reader: Reader,
  view: View,
  journal: Journal,
  deadline: Deadline,
): Promise<void> {
  const { written, random } = reader;
  const own = random.next() < 0.4 ? written.get(categoryOf(view)) : undefined;
  const named = own === undefined ? [] : random.next() < 0.5 ? [own] : [...written.values()];
  const tokens = named.map(({ token }) => token).join();
  const headers: Record<string, string> = own === undefined ? {} : { "consistency-token": tokens };
  const answer = await askAs(at, reader, pathOf(view), { headers }, journal, deadline);
  // Answers to a reader while the erasure is under way cannot be judged.
  if (answer === undefined || reader.asked) return;
  if (answer.status !== 200) {
    journal.surprises.push(`the ${view} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return;
  }
  const isCurrent = answer.headers.get("consistency") === "current";
  if (own !== undefined) journal.counts[isCurrent ? "current" : "stale"]++;
  journal.shown.push({
    readerId: reader.id,
    view,
    current: isCurrent && own !== undefined ? own.position : null,
    text: asText(view, answer.body),
  });
}

function pathOf(view: View): string {
  if (view === "shelf") return "/v1/shelf?limit=100";
  if (view === "history") return "/v1/history?limit=100";
  return `/v1/reading/${view.slice("place ".length)}/progress`;
}

function asText(view: View, body: unknown): string {
  if (view === "shelf") return shelfAsShown((body as { items: ShownBook[] }).items);
  if (view === "history") return historyAsShown((body as { items: Parameters<typeof historyAsShown>[0] }).items);
  return placeAsShown((body as { latest: Parameters<typeof placeAsShown>[0] }).latest);
}

/**
 * Queries the changes since the last time, page by page, and applies them. No token may name an earlier position in the log than
 * the previous one.
 */
export async function sync(at: Addresses, reader: Reader, journal: Journal, deadline: Deadline): Promise<void> {
  const { synced } = reader;
  const since = synced.token === null ? "" : `?since=${synced.token}`;
  const answer = await askAs(at, reader, `/v1/changes${since}`, {}, journal, deadline);
  if (answer === undefined || reader.asked) return;
  if (answer.status !== 200) {
    journal.surprises.push(`the changes answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return;
  }
  const page = answer.body as ChangesPage;
  const [before, after] = [synced.token ?? "", page.token].map((token) => decodeSyncToken(token)?.position ?? -1n);
  if (after !== undefined && before !== undefined && after < before)
    journal.surprises.push(`the changes of ${reader.id} went back from ${before} to ${after}`);
  reader.synced = applied(synced, page);
  if (page.more) return sync(at, reader, journal, deadline);
  journal.counts.syncs++;
}
