import { type Shown, shelfAsShown } from "../load/journal.ts";
import { groupBy } from "./groupBy.ts";
import type { LoggedEvent } from "./log.ts";
import { changeShelves, noShelves, type Shelves } from "./shelves.ts";

/** What a shelf was after each of its events, as it is shown; the first is the empty one. */
type History = { readonly positions: readonly bigint[]; readonly shelves: readonly string[] };

/**
 * Holds what each reader was shown, one after the other, against all that the shelf ever was: each answer is the shelf
 * after some event of the log, no answer is older than the one before, and one that calls itself current has what its
 * token named. Returns a line for each that is not.
 */
export function checkShown(events: readonly LoggedEvent[], shown: readonly Shown[]): string[] {
  const byReader = groupBy(shown, ({ readerId }) => readerId);
  const eventsOf = groupBy(events, ({ stream }) => stream);
  return [...byReader].flatMap(([reader, answers]) =>
    checkReader(reader, answers, historyOf(reader, eventsOf.get(`shelf-${reader}`) ?? [])),
  );
}

/** What a reader is shown when all is applied. */
export function lastShelf(reader: string, events: readonly LoggedEvent[]): string {
  const own = events.filter(({ stream }) => stream === `shelf-${reader}`);
  return historyOf(reader, own).shelves.at(-1) ?? "";
}

function checkReader(reader: string, answers: readonly Shown[], { positions, shelves }: History): string[] {
  const wrong: string[] = [];
  let seen = 0;
  for (const [number, { current, shelf }] of answers.entries()) {
    const named = current === null ? 0 : positions.findLastIndex((position) => position <= current);
    const found = shelves.indexOf(shelf, Math.max(seen, named));
    if (found >= 0) {
      seen = found;
      continue;
    }
    const earlier = shelves.lastIndexOf(shelf);
    const what =
      earlier < 0
        ? "is what the shelf never was"
        : earlier < named && named > seen
          ? `calls itself current and is of event ${earlier}, its token of ${named}`
          : `is of event ${earlier} after one of event ${seen}: time ran backwards`;
    wrong.push(`answer ${number} to ${reader} ${what}: ${shelf.slice(0, 300)}`);
  }
  return wrong;
}

function historyOf(reader: string, events: readonly LoggedEvent[]): History {
  const now = noShelves();
  const positions = [-1n];
  const shelves = [shelfAsShown([])];
  for (const event of events) {
    changeShelves(now, event);
    positions.push(event.position);
    shelves.push(asShown(reader, now));
  }
  return { positions, shelves };
}

function asShown(reader: string, { books, groups }: Shelves): string {
  const rows = [...books.values()] as {
    book_id: string;
    added_at: Date;
    added_position: bigint;
    pinned: boolean;
    group_id: string | null;
  }[];
  rows.sort((a, b) => Number(b.pinned) - Number(a.pinned) || (a.added_position < b.added_position ? 1 : -1));
  return shelfAsShown(
    rows.map(({ book_id, added_at, pinned, group_id }) => {
      const name = group_id === null ? undefined : groups.get(`${reader} ${group_id}`)?.name;
      const group = group_id === null || name === undefined ? null : { id: group_id, name: name as string };
      return { bookId: book_id, addedAt: added_at.toISOString(), pinned, group };
    }),
  );
}
