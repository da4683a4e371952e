import type { Decider } from "../decider.ts";
import type { KeywordEvent } from "./events.ts";
import { keywordKey } from "./keywordKey.ts";

/** The number of a stream's last events that make its state. Whether an older keyword is still on the list is unknown. */
export const rememberedSearches = 500;

/** The stream's last events, the oldest first, with the key of the keyword; null for a clearing. */
export type Searches = readonly { readonly type: KeywordEvent["type"]; readonly key: string | null }[];

/** Searches are not commands: they are appended without loading the stream. */
export type KeywordCommand =
  | { readonly type: "ForgetKeyword"; readonly keyword: string }
  | { readonly type: "ClearSearchHistory" };

/** The rules of a reader's search history. Removing a keyword that is not on it appends nothing. */
export const keywordDecider: Decider<Searches, KeywordCommand, KeywordEvent> = {
  initialState: [],
  evolve: (searches, event) => fold(searches, [event]),
  fold,

  decide(command, searches) {
    if (command.type === "ClearSearchHistory") {
      return isListed(searches) ? [{ type: "SearchHistoryCleared", data: {} }] : [];
    }
    const { keyword } = command;
    return isListed(searches, keywordKey(keyword)) ? [{ type: "KeywordForgotten", data: { keyword } }] : [];
  },
};

function fold(searches: Searches, events: readonly KeywordEvent[]): Searches {
  const folded = events.map(({ type, data }) => ({ type, key: "keyword" in data ? keywordKey(data.keyword) : null }));
  return [...searches, ...folded].slice(-rememberedSearches);
}

/**
 * Returns whether the list has this keyword, or any keyword if none is given. True if the older events, which are unknown,
 * decide.
 */
function isListed(searches: Searches, wanted?: string): boolean {
  const forgotten = new Set<string | null>();
  for (const { type, key } of searches.toReversed()) {
    if (type === "SearchHistoryCleared") return false;
    if (wanted !== undefined && key !== wanted) continue;
    if (type === "KeywordForgotten") forgotten.add(key);
    else if (!forgotten.has(key)) return true;
  }
  const isForgotten = wanted !== undefined && forgotten.has(wanted);
  return searches.length >= rememberedSearches && !isForgotten;
}
