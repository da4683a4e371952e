import { readFile } from "node:fs/promises";
import { z } from "zod";
import { channel } from "../../domain/library/events.ts";
import { isVisible } from "../../domain/visibleText.ts";
import { maxLengths } from "../limits.ts";
import { type ParsedBook, UnusableBookFile } from "../parsedBook.ts";

const name = z.string().trim().min(1).max(maxLengths.category).refine(isVisible, "must not be empty");
const target = z.strictObject({
  channel,
  category: name,
  /** Absent: as in the source. Null: none. */
  subCategory: name.nullable().optional(),
});

/**
 * Maps the categories of sources: by source, then by `category/subCategory`, `category`, or `*` for all others of that source.
 * `*` is for new books only, as is 其他 for what has no target.
 */
const mapping = z.record(name, z.record(z.string().min(1), target));

export type CategoryMapping = z.output<typeof mapping>;
export type Placement = Pick<ParsedBook, "channel" | "category" | "subCategory" | "ifNew">;

export const defaultMappingFile = new URL("./categories.json", import.meta.url);

/** Reads a mapping file. Rejects with UnusableBookFile, with the file and the error in its message. */
export async function readMapping(path: string | URL): Promise<CategoryMapping> {
  const refuse = (why: string) => new UnusableBookFile(`${path}: ${why}`);
  const source = await readFile(path, "utf8").catch(() => {
    throw refuse("cannot be read");
  });
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw refuse("is not JSON");
  }
  const parsed = mapping.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(`is no mapping of categories: ${issue!.path.join(".")}: ${issue!.message}`);
}

/** The category of a book from a source; unknown, but for a new book, if only `*` matches. */
export function placementOf(
  mapping: CategoryMapping,
  source: string,
  category: string,
  subCategory: string,
): Placement {
  const own = Object.hasOwn(mapping, source) ? mapping[source]! : {};
  const key = [`${category}/${subCategory}`, category, "*"].find((key) => Object.hasOwn(own, key));
  const found = key === undefined ? undefined : own[key]!;
  if (found === undefined || key === "*") {
    const ifNew = { channel: found?.channel, category: found?.category };
    return { channel: undefined, category: undefined, subCategory: undefined, ifNew };
  }
  const below = found.subCategory === undefined ? subCategory : found.subCategory;
  return { channel: found.channel, category: found.category, subCategory: below === "" ? undefined : below };
}
