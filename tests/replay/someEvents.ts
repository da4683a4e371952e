import { type Duck, literal } from "../../src/replay/duck/database.ts";
import { createEvents } from "../../src/replay/duck/eventsTable.ts";
import { mulberry32 } from "../support/random.ts";

/** An event for the tests of views: times are milliseconds since 1970. */
export type Happened = {
  readonly position: number;
  readonly type: "ReadingProgressed" | "BookFinished" | "BookOpened" | "BookAddedToShelf" | "KeywordSearched";
  readonly reader: string;
  readonly at: number;
  readonly book: string;
  readonly title: string;
  readonly channel: string;
  readonly category: string;
  readonly chapters: number;
  readonly chapter: number;
  readonly seconds: number;
  readonly device: string;
  /** Missing in copies of earlier releases. */
  readonly entry?: string;
};

const begin = Date.UTC(2026, 2, 1, 15, 30);

/** Three months of some readers, in bursts, so that sessions, weeks and searches have data. */
export function someEvents(count: number, seed: number): readonly Happened[] {
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const events: Happened[] = [];
  let at = begin;
  while (events.length < count) {
    const reader = `reader${below(25)}`;
    at += below(4) === 0 ? below(1_200) * 60_000 : 0;
    const favourite = below(8);
    let then = at;
    for (let left = 1 + below(12); left > 0; left--) {
      // Some pauses are exactly half an hour.
      then += below(5) === 0 ? 1_860_000 : below(1_500) * 1_000;
      const n = below(3) === 0 ? below(8) : favourite;
      const chapters = 3 + n;
      const [book, channel, category] = [`book${n}`, n % 3 === 0 ? "male" : "female", n % 2 === 0 ? "仙侠" : "言情"];
      const type = (
        [
          "ReadingProgressed",
          "ReadingProgressed",
          "ReadingProgressed",
          "KeywordSearched",
          "BookOpened",
          "BookAddedToShelf",
          "BookFinished",
        ] as const
      )[below(7)] as Happened["type"];
      events.push({
        position: 10 * events.length,
        type,
        reader,
        at: then,
        book,
        title: `书${n}之${below(2)}`,
        channel,
        category,
        chapters,
        chapter: 1 + below(chapters),
        seconds: below(7) === 0 ? 60 : below(300),
        device: `d${below(3)}`,
      });
    }
  }
  return events;
}

/** A database with these events and the predefined views. */
export async function fillDuck(duck: Duck, events: readonly Happened[]): Promise<void> {
  await createEvents(duck, [], true);
  await insertEvents(duck, events);
}

/** Appends to the tables of `fillDuck`. */
export async function insertEvents(duck: Duck, events: readonly Happened[]): Promise<void> {
  const rows = events.map((event) => {
    const time = `TIMESTAMP ${literal(new Date(event.at).toISOString().slice(0, -1).replace("T", " "))}`;
    const day = `DATE ${literal(dayOf(event.at))}`;
    const isReading = event.type === "ReadingProgressed";
    const book = event.type === "KeywordSearched" ? "NULL" : literal(event.book);
    return `(${event.position}, ${literal(event.type)}, ${literal(event.reader)}, ${time}, ${time}, ${day}, ${day}, false, ${book},
      ${literal(event.title)}, ${literal(event.channel)}, ${literal(event.category)}, ${event.chapters},
      ${isReading ? event.chapter : "NULL"}, ${isReading ? event.seconds : "NULL"}, ${isReading ? literal(event.device) : "NULL"}, ${event.entry === undefined ? "NULL" : literal(event.entry)})`;
  });
  await duck.run(`INSERT INTO events (position, type, reader, created, happened_at, created_day, happened_day, late, book_id, book_title,
    book_channel, book_category, book_chapters, chapter_no, active_seconds, device_id, entry_id) VALUES ${rows.join(",\n")}`);
}

export const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

/** The Monday of the day of a time in China. */
export function mondayOf(at: number): string {
  const day = new Date(`${dayOf(at)}T00:00:00Z`);
  return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
}

export const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
export const distinct = (texts: readonly string[]) => new Set(texts).size;
