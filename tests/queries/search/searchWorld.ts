import { createElasticsearch } from "../../../src/platform/elasticsearch.ts";
import { createPool } from "../../../src/platform/postgres.ts";
import { type BookRow, bookDocument } from "../../../src/projections/books/document.ts";
import { booksIndex } from "../../../src/projections/books/index.ts";
import { categoryId } from "../../../src/projections/library/categoryId.ts";
import { indexAlias } from "../../../src/projections/views.ts";
import { logger } from "../../projections/fixtures.ts";
import { freshDatabase } from "../../support/database.ts";
import { freshElasticsearch } from "../../support/elasticsearch.ts";
import { bookIdOf, catalogue, createReadModelTables } from "../readModelTables.ts";

export type GivenBook = Partial<BookRow> & { readonly title: string; readonly heat?: number };

/** Books in the library and in the index, as the projections would write them. */
export async function searchWorld() {
  const database = await freshDatabase();
  const pool = createPool({ url: database.url, max: 4, service: "test", logger });
  await createReadModelTables(pool);
  const elasticsearch = await freshElasticsearch();
  const config = { ELASTICSEARCH_URL: elasticsearch.url, ELASTICSEARCH_API_KEY: "" };
  const client = createElasticsearch(config, { requestTimeoutMs: 10_000, service: "test" });
  const alias = indexAlias(elasticsearch.prefix, { name: "books", version: 1 });
  const index = `${alias}-1`;
  const make = () =>
    client.indices.create({ index, aliases: { [alias]: {} }, ...structuredClone(booksIndex) } as never).then(() => {});
  await make();

  let number = 0;
  return {
    pool,
    elasticsearch,
    client,
    index: { client, alias },
    make,
    /** Adds books; those that are given as withdrawn are hidden. Resolves with their ids. */
    async add(...books: readonly GivenBook[]): Promise<readonly string[]> {
      const operations: object[] = [];
      const ids: string[] = [];
      for (const { heat = 0, ...given } of books) {
        number++;
        const category = given.category ?? "玄幻";
        const row: BookRow = {
          book_id: bookIdOf(number),
          author: "佚名",
          intro: "",
          channel: "male",
          status: "finished",
          words: 600_000n,
          category,
          category_id: categoryId("male", category),
          sub_category: null,
          sub_category_id: null,
          updated_at: new Date(Date.UTC(2026, 0, number)),
          withdrawn_at: null,
          ...given,
        };
        const { book_id, ...columns } = row;
        await catalogue(pool, book_id, BigInt(number), columns);
        const document = bookDocument(row, { heat, shelves: 0, asOf: new Date() });
        operations.push({ index: { _id: book_id } }, document);
        ids.push(book_id);
      }
      const { errors, items } = await client.bulk({ index, operations, refresh: true });
      if (errors) throw new Error(JSON.stringify(items));
      return ids;
    },
    async close() {
      await client.close();
      await elasticsearch.stop();
      await pool.end();
      await database.drop();
    },
  };
}
