import { keywordKey } from "../../domain/keywords/keywordKey.ts";
import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/** The keywords that operators exclude from the hot searches. */
export const blocklist = defineReadModel({
  name: "blocklist",
  version: 2,
  partitionKey: "book",
  categories: ["blocklist"],
  tables: {
    blocked_keywords: {
      columns: { list: "text", keyword: "text", typed: "text", blocked_at: "timestamptz" },
      primaryKey: ["list", "keyword"],
    },
  },
  on: {
    KeywordBlocked: {
      keys: (event) => ({ blocked_keywords: [keyOf(event)] }),
      overwrites: true,
      project: (_, event) => ({
        blocked_keywords: [{ ...keyOf(event), typed: event.data.keyword, blocked_at: event.created }],
      }),
    },
    KeywordUnblocked: {
      keys: (event) => ({ blocked_keywords: [keyOf(event)] }),
      overwrites: true,
      project: () => ({ blocked_keywords: [null] }),
    },
  },
});

function keyOf({ stream, data }: { readonly stream: string; readonly data: { readonly keyword: string } }) {
  return { list: idOf(stream), keyword: keywordKey(data.keyword) };
}
