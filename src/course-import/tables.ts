/**
 * The course's tables with their required columns; other columns are optional. A file is named after its table:
 * `book_shelf.csv`.
 */
export const tables = {
  user: ["id", "openid"],
  book_big_category: ["cate_id", "cate_name"],
  book_category: ["cate_id", "cate_name"],
  book_category_relation: ["big_cate_id", "cate_id"],
  book: ["book_id", "book_name"],
  book_volume: ["book_id", "volume_id", "volume_name"],
  book_chapters: ["book_id", "chapter_id", "chapter_name"],
  book_chapter_content: ["book_id", "chapter_id", "content"],
  book_shelf: ["id", "user_id", "book_id"],
  browse_history: ["id", "user_id", "book_id"],
  read_rate: ["id", "user_id", "book_id", "chapter_id", "rate"],
  search_key_word: ["keyword"],
} as const satisfies Record<string, readonly string[]>;

export type TableName = keyof typeof tables;

export const tableNames = Object.keys(tables) as readonly TableName[];

/** The table of a file, by its name; undefined if it is none. */
export function tableOf(path: string): TableName | undefined {
  const name = /([^/\\]+)\.(?:csv|jsonl?|ndjson)$/i.exec(path)?.[1]?.toLowerCase();
  return tableNames.find((table) => table === name);
}
