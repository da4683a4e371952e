import type { Category } from "../domain/streams.ts";

/** The stream name prefixes of the categories. */
export function prefixesOf(categories: readonly Category[]): string[] {
  return categories.map((category) => `${category}-`);
}
