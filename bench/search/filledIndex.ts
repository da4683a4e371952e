import { Client } from "@elastic/elasticsearch";
import { startElasticsearch } from "../../embedded/elasticsearch/server.ts";
import { type BookRow, bookDocument } from "../../src/projections/books/document.ts";
import { booksIndex } from "../../src/projections/books/index.ts";

export type FilledIndex = {
  readonly client: Client;
  readonly index: string;
  readonly url: string;
  close(): Promise<void>;
};

const atOnce = 500;

/** An index of these books on the server at `url`, or on an embedded one; `close` deletes it. `heatOf` is in points. */
export async function fillIndex(
  rows: readonly BookRow[],
  heatOf: (row: BookRow) => number,
  url: string | undefined,
): Promise<FilledIndex> {
  const embedded = url === undefined ? await startElasticsearch({ host: "127.0.0.1", port: 0 }) : undefined;
  const node = url ?? embedded?.url ?? "";
  const client = new Client({ node, requestTimeout: 60_000 });
  const index = `bench-books-${process.pid}`;
  await client.indices.create({ index, ...structuredClone(booksIndex) } as unknown as Parameters<
    typeof client.indices.create
  >[0]);
  const asOf = new Date();
  for (let from = 0; from < rows.length; from += atOnce) {
    const operations = rows.slice(from, from + atOnce).flatMap((row) => {
      const document = bookDocument(row, { heat: heatOf(row), shelves: 0, asOf });
      return [{ index: { _id: row.book_id } }, document];
    });
    const { errors, items } = await client.bulk({ index, operations });
    if (errors) throw new Error(JSON.stringify(items.find(({ index }) => index?.error)));
  }
  await client.indices.refresh({ index });
  return {
    client,
    index,
    url: node,
    async close() {
      await client.indices.delete({ index });
      await client.close();
      await embedded?.close();
    },
  };
}
