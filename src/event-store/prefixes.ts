import type { Category } from "../domain/streams.ts";

/** What the names of the categories' streams begin with. */
export function prefixesOf(categories: readonly Category[]): string[] {
  return categories.map((category) => `${category}-`);
}
