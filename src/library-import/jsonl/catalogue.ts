import type { CataloguedBook } from "../../domain/library/events.ts";
import { maxLengths } from "../limits.ts";
import type { ParsedBook } from "../parsedBook.ts";
import { plainLine } from "../plainText.ts";
import { channelOf, statusOf, wordsOf } from "../statusWords.ts";
import { type CategoryMapping, type Placement, placementOf } from "./categories.ts";
import { authorOf, fieldOf, introOf, type JsonRecord, titleOf, webAddress } from "./record.ts";

/** A book of a catalogue with its source, stated or not, or why the line is unusable. */
export type CatalogueLine =
  | { readonly book: ParsedBook; readonly source: CataloguedBook["source"] }
  | { readonly reason: string };

/** Parses a line of a catalogue. `source` is the default source, if the book's URL does not determine it. */
export function catalogueLine(record: JsonRecord, source: string | undefined, mapping: CategoryMapping): CatalogueLine {
  const title = titleOf(record);
  if (title === "") return { reason: "has no title" };
  const id = plainLine(fieldOf(record, "bid", "bookId", "book_id", "id", "key"), maxLengths.sourceId);
  if (id === "") return { reason: "has no id (bid, bookId, book_id, id or key)" };
  const stated = source ?? siteOf(record);
  // The classics have a key of folder and title, and no URL.
  const name = stated ?? (Object.hasOwn(record, "key") ? "classics" : "jsonl");
  const category = plainLine(fieldOf(record, "category", "categoryName", "bookType"), maxLengths.category);
  const subCategory = plainLine(fieldOf(record, "subCategory", "sub_category"), maxLengths.category);
  const placement = placementIn(
    placementOf(mapping, name, category, subCategory),
    channelOf(fieldOf(record, "channel")),
  );
  return {
    source: { name, id },
    book: {
      title,
      author: authorOf(record),
      intro: introOf(record),
      ...placement,
      status: statusOf(fieldOf(record, "status", "serialStatus", "state")),
      words: wordsOf(fieldOf(record, "words", "wordCount", "word_count", "wordsCount")),
      coverUrl: webAddress(fieldOf(record, "coverUrl", "cover_url", "cover", "imgURL")),
      source: stated === undefined ? undefined : { name, id },
      ifNew: { ...placement.ifNew, source: { name, id } },
      encoding: "utf-8",
      chapters: [],
    },
  };
}

/**
 * Returns a placement with the line's channel. A target's channel comes first, and where `*` has placed the book, the line's
 * channel is for a new book only: the category of a catalogued one may not be of that channel.
 */
function placementIn(placement: Placement, said: ParsedBook["channel"]): Placement {
  const { channel, category, ifNew } = placement;
  if (category === undefined && ifNew?.category !== undefined)
    return { ...placement, ifNew: { ...ifNew, channel: said ?? ifNew.channel } };
  return { ...placement, channel: channel ?? said };
}

/** The site in a book's URL (www.qidian.com: qidian). */
function siteOf(record: JsonRecord): string | undefined {
  const address = webAddress(fieldOf(record, "bookUrl", "url", "link"));
  return address === undefined ? undefined : new URL(address).hostname.split(".").at(-2);
}
