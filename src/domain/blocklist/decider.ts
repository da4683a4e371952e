import type { Decider } from "../decider.ts";
import { keywordKey } from "../keywords/keywordKey.ts";
import { type BlocklistEvent, maxBlocked } from "./events.ts";

/** The blocked keywords, by `keywordKey`. */
export type Blocklist = ReadonlySet<string>;

export type BlocklistCommand = {
  readonly type: "BlockKeyword" | "UnblockKeyword";
  readonly keyword: string;
};

/** The rules of the blocklist. Spellings with the same key are one keyword. */
export const blocklistDecider: Decider<Blocklist, BlocklistCommand, BlocklistEvent, "too_many_blocked"> = {
  initialState: new Set(),

  evolve(blocked, { type, data }) {
    const changed = new Set(blocked);
    if (type === "KeywordBlocked") changed.add(keywordKey(data.keyword));
    else changed.delete(keywordKey(data.keyword));
    return changed;
  },

  decide({ type, keyword }, blocked) {
    const isBlocked = blocked.has(keywordKey(keyword));
    if (type === "UnblockKeyword") return isBlocked ? [{ type: "KeywordUnblocked", data: { keyword } }] : [];
    if (isBlocked) return [];
    if (blocked.size >= maxBlocked) {
      return { refused: "too_many_blocked", detail: `At most ${maxBlocked} keywords are blocked.` };
    }
    return [{ type: "KeywordBlocked", data: { keyword } }];
  },
};
