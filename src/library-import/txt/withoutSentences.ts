import { type Found, isSentence } from "./candidates.ts";

/** Results of `withoutSentences`: each unit uses those of the others. */
const titled = new WeakMap<readonly Found[], readonly Found[]>();

/** The forms of a unit whose titles read like no sentence. */
export function withoutSentences(found: readonly Found[]): readonly Found[] {
  const known = titled.get(found) ?? found.filter(({ rest }) => !isSentence(rest));
  titled.set(found, known);
  return known;
}
