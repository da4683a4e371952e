import { maxLengths } from "../limits.ts";
import type { ParsedBook } from "../parsedBook.ts";
import { plainLine } from "../plainText.ts";
import { channelOf, statusOf, wordsOf } from "../statusWords.ts";
import { type CategoryMapping, placementOf } from "./categories.ts";
import { authorOf, fieldOf, introOf, type JsonRecord, titleOf, webAddress } from "./record.ts";

/** A book of a catalogue, or why the line is unusable. */
export type CatalogueLine = { readonly book: ParsedBook } | { readonly reason: string };

/** Parses a line of a catalogue. `source` is the default source, if the book's URL does not determine it. */
export function catalogueLine(record: JsonRecord, source: string | undefined, mapping: CategoryMapping): CatalogueLine {
  const title = titleOf(record);
  if (title === "") return { reason: "has no title" };
  const id = plainLine(fieldOf(record, "bid", "bookId", "book_id", "id", "key"), maxLengths.sourceId);
  if (id === "") return { reason: "has no id (bid, bookId, book_id, id or key)" };
  const name = source ?? sourceOf(record);
  const category = plainLine(fieldOf(record, "category", "categoryName", "bookType"), maxLengths.category);
  const subCategory = plainLine(fieldOf(record, "subCategory", "sub_category"), maxLengths.category);
  const placement = placementOf(mapping, name, category, subCategory);
  const finished = name === "classics" ? "finished" : undefined;
  return {
    book: {
      title,
      author: authorOf(record),
      intro: introOf(record),
      ...placement,
      channel: placement.channel ?? channelOf(fieldOf(record, "channel")),
      status: statusOf(fieldOf(record, "status", "serialStatus", "state")) ?? finished,
      words: wordsOf(fieldOf(record, "words", "wordCount", "word_count", "wordsCount")),
      coverUrl: webAddress(fieldOf(record, "coverUrl", "cover_url", "cover", "imgURL")),
      source: { name, id },
      encoding: "utf-8",
      chapters: [],
    },
  };
}

/** The site in a book's URL (www.qidian.com: qidian); the classics instead have a key of folder and title. */
function sourceOf(record: JsonRecord): string {
  const address = webAddress(fieldOf(record, "bookUrl", "url", "link"));
  const site = address === undefined ? undefined : new URL(address).hostname.split(".").at(-2);
  return site ?? (Object.hasOwn(record, "key") ? "classics" : "jsonl");
}
