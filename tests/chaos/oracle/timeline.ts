import type { HistoryEvent } from "../../../src/domain/history/events.ts";
import { emptyHistory, foldHistory } from "../../../src/domain/history/history.ts";
import { categoryOf, historyAsShown, placeAsShown, type Shown, shelfAsShown, type View } from "../load/journal.ts";
import { groupBy } from "./groupBy.ts";
import { cutBy, type LoggedEvent } from "./log.ts";
import { changeShelves, noShelves, type Shelves } from "./shelves.ts";

/** The state of a view after each event of its stream, as it is shown; the first is the empty one. */
type Timeline = { readonly positions: readonly bigint[]; readonly texts: readonly string[] };

/**
 * Compares the successive answers to each reader with all states of the view: each answer is the view after some event of the log,
 * no answer is older than the previous one, and one that calls itself current includes the position of its token. Returns a line
 * for each deviation. Scavenged streams of readers who are `gone` are left out.
 */
export function checkShown(
  events: readonly LoggedEvent[],
  shown: readonly Shown[],
  gone: ReadonlySet<string> = new Set(),
): string[] {
  const isCut = cutBy(events, gone);
  const byView = groupBy(shown, ({ readerId, view }) => `${readerId} ${view}`);
  const eventsOf = groupBy(events, ({ stream }) => stream);
  return [...byView.values()].flatMap((answers) => {
    const [{ readerId, view }] = answers as [Shown];
    if (isCut({ category: categoryOf(view), readerId })) return [];
    const own = eventsOf.get(streamOf(view, readerId)) ?? [];
    return checkView(`${view} of ${readerId}`, answers, timelineOf(view, readerId, own));
  });
}

/** The answer to a reader after all events are applied. */
export function lastShown(view: View, readerId: string, events: readonly LoggedEvent[]): string {
  const own = events.filter(({ stream }) => stream === streamOf(view, readerId));
  return timelineOf(view, readerId, own).texts.at(-1) ?? "";
}

const streamOf = (view: View, readerId: string) => `${categoryOf(view)}-${readerId}`;

function checkView(name: string, answers: readonly Shown[], { positions, texts }: Timeline): string[] {
  const wrong: string[] = [];
  let seen = 0;
  for (const [number, { current, text }] of answers.entries()) {
    const named = current === null ? 0 : positions.findLastIndex((position) => position <= current);
    const found = texts.indexOf(text, Math.max(seen, named));
    if (found >= 0) {
      seen = found;
      continue;
    }
    const earlier = texts.lastIndexOf(text);
    const what =
      earlier < 0
        ? "is what it never was"
        : earlier < named && named > seen
          ? `calls itself current and is of event ${earlier}, its token of ${named}`
          : `is of event ${earlier} after one of event ${seen}: time ran backwards`;
    wrong.push(`answer ${number} of the ${name} ${what}: ${text.slice(0, 300)}`);
  }
  return wrong;
}

function timelineOf(view: View, reader: string, events: readonly LoggedEvent[]): Timeline {
  const texts =
    view === "shelf"
      ? shelvesOf(reader, events)
      : view === "history"
        ? historiesOf(events)
        : placesOf(view.slice("place ".length), events);
  return { positions: [-1n, ...events.map(({ position }) => position)], texts };
}

function shelvesOf(reader: string, events: readonly LoggedEvent[]): readonly string[] {
  const now = noShelves();
  const texts = [shelfAsShown([])];
  for (const event of events) {
    changeShelves(now, event);
    texts.push(asShown(reader, now));
  }
  return texts;
}

function historiesOf(events: readonly LoggedEvent[]): readonly string[] {
  let now = emptyHistory;
  const texts = [historyAsShown([])];
  for (const { type, data } of events) {
    now = foldHistory(now, [{ type, data } as HistoryEvent]);
    texts.push(historyAsShown([...now.books.values()].reverse()));
  }
  return texts;
}

type Entry = { readonly bookId: string; readonly readAt: string; readonly entryId: string; readonly deviceId: string };

/** The latest place in a book: the greatest (readAt, entryId). */
function placesOf(bookId: string, events: readonly LoggedEvent[]): readonly string[] {
  let latest: Entry | null = null;
  const rank = ({ readAt, entryId }: Entry) => `${new Date(readAt).toISOString()} ${entryId}`;
  const texts = [placeAsShown(null)];
  for (const { data } of events) {
    const entry = data as Entry;
    if (entry.bookId === bookId && (latest === null || rank(entry) > rank(latest))) latest = entry;
    texts.push(placeAsShown(latest));
  }
  return texts;
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
