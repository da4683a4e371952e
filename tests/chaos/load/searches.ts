import { ask } from "./ask.ts";
import type { Journal } from "./journal.ts";
import type { Addresses, Reader } from "./reader.ts";
import type { KnownBook } from "./readerCommand.ts";

type Found = { readonly bookId: string; readonly updatedAt?: string };
type Page = Readonly<Record<"exact" | "matches" | "recommended", readonly Found[]>>;

/**
 * A reader searches for a book by its title or a prefix of it. No book is withdrawn during a run: a book found once must be found
 * by every later answer, unless the answer reports that the search is unavailable.
 */
export async function searchFor(
  at: Addresses,
  reader: Reader,
  books: readonly KnownBook[],
  journal: Journal,
): Promise<void> {
  const { bookId, title } = reader.random.pick(books);
  const suggests = reader.random.next() < 0.5;
  const path = suggests ? "/v1/search/suggest" : "/v1/search";
  const before = new Map(journal.found);
  const answer = await ask(`${at.api}${path}?q=${encodeURIComponent(title)}`);
  if (answer === undefined) {
    journal.counts.searchesAway++;
    return;
  }
  if (answer.status !== 200) {
    journal.surprises.push(`the search for ${title} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return;
  }
  journal.counts.searches++;
  const found = suggests ? (answer.body as { items: readonly Found[] }).items : listed(answer.body as Page);
  const book = found.find((one) => one.bookId === bookId);
  const place = `${path} ${bookId}`;
  if (book === undefined) {
    if (before.has(place)) journal.surprises.push(`${path} for ${title} found ${bookId}, and later not any more`);
    return;
  }
  const time = book.updatedAt ?? "";
  if (time < (before.get(place) ?? ""))
    journal.surprises.push(`${path} for ${title} showed ${bookId} of ${before.get(place)}, and later of ${time}`);
  if (time >= (journal.found.get(place) ?? "")) journal.found.set(place, time);
}

const listed = ({ exact, matches, recommended }: Page): readonly Found[] => [...exact, ...matches, ...recommended];
