/** Names on which readers finish what they type: a keyword and the beginnings of it. */
const name = {
  type: "keyword",
  fields: {
    starts: { type: "text", analyzer: "starts_index", search_analyzer: "whole", index_options: "docs", norms: false },
  },
} as const;

const words = { type: "text", analyzer: "bigrams" } as const;
const keyword = { type: "keyword" } as const;

/** Read from the columns of the index: a document's source is long. */
const shown = { type: "keyword", index: false } as const;

/** Syllables of which a reader types all or the first letters: a phrase of beginnings. Each ends in a dot, so that xi. is not
 * xing; ^ and $ are the ends of the name. */
const syllables = {
  type: "text",
  analyzer: "syllables_index",
  search_analyzer: "syllables_search",
  norms: false,
} as const;

/**
 * The index of the books (docs/search.md): built-in analyzers only, and no field that is not named here. All text is normalised
 * before it comes here (domain/search); what is shown is as the book has it.
 */
export const booksIndex = {
  settings: {
    analysis: {
      analyzer: {
        characters: { type: "custom", tokenizer: "standard", filter: ["lowercase"] },
        bigrams: { type: "custom", tokenizer: "standard", filter: ["lowercase", "cjk_bigram"] },
        whole: { type: "custom", tokenizer: "keyword" },
        starts_index: { type: "custom", tokenizer: "keyword", filter: ["starts"] },
        syllables_index: { type: "custom", tokenizer: "whitespace", filter: ["starts"] },
        syllables_search: { type: "custom", tokenizer: "whitespace" },
      },
      filter: { starts: { type: "edge_ngram", min_gram: 1, max_gram: 30 } },
    },
  },
  mappings: {
    dynamic: "strict",
    properties: {
      bookId: keyword,
      /** Characters one by one for short queries, in pairs for long ones. */
      title: { type: "text", analyzer: "characters", fields: { pairs: words } },
      author: { type: "text", analyzer: "characters", fields: { pairs: words } },
      intro: words,
      /** Without spaces: the title, its other names, the author, and title and author together in either order. */
      titleKey: name,
      aliasKeys: name,
      authorKey: name,
      bothKeys: keyword,
      /** The title's key with one character missing. */
      nearKeys: keyword,
      /** Its characters in order, whatever their order in the title. */
      sortedKey: keyword,
      pinyin: {
        properties: {
          title: name,
          titleInitials: name,
          aliases: name,
          aliasInitials: name,
          titleSyllables: syllables,
          author: name,
          authorInitials: name,
          authorSyllables: syllables,
        },
      },
      category: keyword,
      subCategory: keyword,
      channel: keyword,
      categoryId: keyword,
      subCategoryId: keyword,
      status: keyword,
      words: { type: "long" },
      updatedAt: { type: "date" },
      heat: { type: "double" },
      shelves: { type: "long" },
      numbersAsOf: { type: "date" },
      visible: { type: "boolean" },
      /** As they are written, for suggestions. */
      shown: { properties: { title: shown, author: shown } },
    },
  },
} as const;
