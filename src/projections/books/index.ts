/** Names that readers complete while typing: a keyword and its prefixes. */
const name = {
  type: "keyword",
  fields: {
    starts: { type: "text", analyzer: "starts_index", search_analyzer: "whole", index_options: "docs", norms: false },
  },
} as const;

const words = { type: "text", analyzer: "bigrams" } as const;
const keyword = { type: "keyword" } as const;

/** Stored as doc values: loading a document's source would be slow. */
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
 * The index of the books (docs/search.md): only built-in analyzers, and only the fields listed here. All text is normalised
 * before indexing (domain/searchText), except the displayed fields.
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
      /** Single characters for short queries, pairs for long ones. */
      title: { type: "text", analyzer: "characters", fields: { pairs: words } },
      author: { type: "text", analyzer: "characters", fields: { pairs: words } },
      intro: words,
      /** Without spaces: the title, its aliases, the author, and title, alias or the part before a colon combined with the author in either order. */
      titleKey: name,
      aliasKeys: name,
      authorKey: name,
      bothKeys: keyword,
      /** The title's key with one character removed. */
      nearKeys: keyword,
      /** The characters of the key, sorted: equal for swapped characters. */
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
      /** The original texts, for suggestions. */
      shown: { properties: { title: shown, author: shown } },
    },
  },
} as const;
