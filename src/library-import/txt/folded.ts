import { foldCharacter } from "../../domain/search/characters.ts";

/** A short text with traditional characters as simplified ones, for the patterns that it is compared with. */
export function folded(text: string): string {
  return Array.from(text, foldCharacter).join("");
}
