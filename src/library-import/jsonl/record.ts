import { maxLengths } from "../limits.ts";
import { plainLine, plainParagraphs } from "../plainText.ts";

/** A JSON object, whose fields are read by the various names that sources use. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first of the fields `names` with text or a number, as a string; "" if there is none. */
export function fieldOf(record: JsonRecord, ...names: readonly string[]): string {
  for (const name of names) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (typeof value === "number" || (typeof value === "string" && value.trim() !== "")) return String(value);
  }
  return "";
}

export function titleOf(record: JsonRecord): string {
  return plainLine(fieldOf(record, "title", "name", "bookName", "book_name", "book"), maxLengths.title);
}

export function authorOf(record: JsonRecord): string | undefined {
  const { author } = record;
  const named = isRecord(author) ? fieldOf(author, "name") : fieldOf(record, "author", "authorName", "author_name");
  return plainLine(named, maxLengths.author) || undefined;
}

export function introOf(record: JsonRecord): string | undefined {
  const intro = fieldOf(record, "intro", "introduction", "description", "desc", "summary");
  return plainParagraphs(intro, maxLengths.intro) || undefined;
}

/** An http or https URL of at most 2,000 characters. */
export function webAddress(written: string): string | undefined {
  const trimmed = written.trim().replace(/^\/\//, "https://");
  if (trimmed.length > 2_000 || !URL.canParse(trimmed)) return undefined;
  const { protocol, username, href } = new URL(trimmed);
  return (protocol === "http:" || protocol === "https:") && username === "" ? href : undefined;
}
