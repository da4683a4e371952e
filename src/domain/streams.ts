import { accountStream } from "./account/stream.ts";
import { blocklistStream } from "./blocklist/stream.ts";
import type { EventOf } from "./event.ts";
import { featuredStream } from "./featured/stream.ts";
import { historyStream } from "./history/stream.ts";
import { searchStream } from "./keywords/stream.ts";
import { bookStream } from "./library/stream.ts";
import { scavengesStream, skipsStream } from "./operations/streams.ts";
import { preferencesStream } from "./preferences/stream.ts";
import { bookmarksStream } from "./reading/bookmarks/stream.ts";
import { progressStream } from "./reading/progress/stream.ts";
import { roundsStream } from "./reading/rounds/stream.ts";
import { shelfStream } from "./shelf/stream.ts";
import type { StreamFacts } from "./stream.ts";
import { nameOf } from "./streamNames.ts";

export { idOf } from "./streamNames.ts";

/** All streams of the system. Everything that depends on a stream is derived from its declaration. */
export const streams = [
  shelfStream,
  progressStream,
  roundsStream,
  bookmarksStream,
  historyStream,
  searchStream,
  preferencesStream,
  accountStream,
  bookStream,
  featuredStream,
  blocklistStream,
  skipsStream,
  scavengesStream,
] as const;

type DeclaredStream = (typeof streams)[number];

/** The categories of streams: the part of a stream name before the first dash. */
export type Category = DeclaredStream["category"];
export const categories: readonly Category[] = [...new Set(streams.map(({ category }) => category))];

export type StreamName = `${Category}-${string}`;

/** The union of all events of the system. */
export type HeimaEvent = DeclaredStream extends infer One
  ? One extends StreamFacts<string, string, infer Definitions>
    ? EventOf<Definitions>
    : never
  : never;

/** All codes with which deciders refuse a command. */
export type RefusalCode = { [One in DeclaredStream as One["category"]]: keyof One["refusals"] & string }[Category];

/**
 * The stream of one category for one id: of a reader (`shelf-<readerId>`), a book (`book-<bookId>`), a channel, or a topic of
 * operators. See `nameOf`.
 */
export function streamName(category: Category, id: string): StreamName {
  return nameOf({ category }, id);
}

const known: ReadonlySet<string> = new Set(categories);

/** The category of a stream name; undefined for a stream that is not ours. */
export function categoryOf(stream: string): Category | undefined {
  const category = stream.slice(0, stream.indexOf("-"));
  return known.has(category) ? (category as Category) : undefined;
}

/** The streams that each reader has, in the order of `streams`. */
export const readerStreams = streams.filter(({ keys }) => "reader" in keys && keys.reader === "id");

/** A reader's streams, in the order of `streams`, including those without events. */
export function streamsOfReader(readerId: string): readonly StreamName[] {
  return readerStreams.map((stream) => streamName(stream.category, readerId));
}
