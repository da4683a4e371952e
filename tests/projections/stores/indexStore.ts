import { Client, Transport } from "@elastic/elasticsearch";
import { idOf } from "../../../src/domain/streams.ts";
import type { DecodedEvent } from "../../../src/event-store/types.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../../src/projections/engine/core/declaration.ts";
import { defineReadModel } from "../../../src/projections/engine/core/declaration.ts";
import type { NumbersSource } from "../../../src/projections/stores/elasticsearch/context.ts";
import { createElasticsearchStore } from "../../../src/projections/stores/elasticsearch/store.ts";
import { indexAlias } from "../../../src/projections/views.ts";
import { freshElasticsearch } from "../../support/elasticsearch.ts";
import { freshStore } from "../store.ts";

type Look = (request: string, body: string) => Promise<void> | void;
/**
 * Called before each request and after its answer, with its method and path and its body, one line per document: they may throw, or
 * wait. `change` may replace the lines of a bulk.
 */
export type Around = { before?: Look; after?: Look; change?: (lines: string[]) => void };

/** A separate database and search engine for the test file. Call it in beforeAll, `close` in afterAll. */
export async function freshIndexStore(numbers: Readonly<Record<string, NumbersSource>> = {}) {
  const { close, store: _, build: __, rows: ___, tally: ____, ...postgres } = await freshStore();
  const { url, prefix, stop } = await freshElasticsearch();
  const clients: Client[] = [];
  const clientWith = (around: Around = {}) => {
    class Watched extends Transport {
      override async request(...args: Parameters<Transport["request"]>): Promise<never> {
        const [{ method, path, body, bulkBody }] = args;
        const request = `${method} ${path}`;
        if (Array.isArray(bulkBody)) around.change?.(bulkBody as string[]);
        const sent = Array.isArray(bulkBody) ? bulkBody.join("\n") : (JSON.stringify(body) ?? "");
        await around.before?.(request, sent);
        const answer = await super.request(...args);
        await around.after?.(request, sent);
        return answer as never;
      }
    }
    const client = new Client({ node: url, maxRetries: 0, Transport: Watched as typeof Transport });
    clients.push(client);
    return client;
  };
  const storeWith = (around?: Around) =>
    createElasticsearchStore({
      pool: postgres.pool,
      client: clientWith(around),
      prefix,
      numbers,
      now: () => new Date(),
    });
  const client = clientWith();
  const store = storeWith();
  const add = async (readModel: ReadModel, partitions = 1): Promise<Build> => {
    const build = await postgres.catalog.add(readModel, partitions);
    if (build === undefined) throw new Error(`${readModel.name} was not added`);
    await store.open(build);
    return build;
  };
  const rows = (build: Build): Promise<readonly Record<string, unknown>[]> =>
    store.snapshot(build, async (snapshot) => {
      const found: Record<string, unknown>[] = [];
      for (const table of Object.keys(build.readModel.tables)) {
        for await (const row of snapshot.rows(table)) found.push(row);
      }
      return found.sort((a, b) => (JSON.stringify(Object.values(a)) < JSON.stringify(Object.values(b)) ? -1 : 1));
    });
  return {
    ...postgres,
    client,
    prefix,
    store,
    clientWith,
    storeWith,
    add,
    rows,
    indexOf: (build: Build) => `${prefix}-${build.name}`,
    aliasOf: (readModel: ReadModel) => indexAlias(prefix, readModel),
    /** `reader → books added` of an indexed tally. */
    tally: async (build: Build): Promise<Record<string, unknown>> =>
      Object.fromEntries((await rows(build)).map(({ reader_id, added }) => [reader_id, added])),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await stop();
      await close();
    },
  };
}
export type IndexStore = Awaited<ReturnType<typeof freshIndexStore>>;

/** `tallyOf` of fixtures.ts, in an index; a reader who removes a book starts again at zero, and an erased one is wiped. */
export function indexedTallyOf(name: string, onEvent: (event: DecodedEvent) => void = () => undefined): ReadModel {
  return defineReadModel({
    name,
    version: 1,
    partitionKey: "reader",
    categories: ["shelf"],
    tables: {
      tallies: { columns: { reader_id: "text", added: "int4", last_book: "text" }, primaryKey: ["reader_id"] },
    },
    index: {
      settings: {},
      mappings: { properties: { reader: { type: "keyword" }, added: { type: "integer" }, heat: { type: "double" } } },
      numbers: ["heat"],
      document: ({ reader_id, added }, { heat }) => ({ reader: reader_id, added, heat }),
    },
    on: {
      BookAddedToShelf: {
        keys: ({ stream }) => ({ tallies: [{ reader_id: idOf(stream) }] }),
        project: ({ tallies: [tally] }, event) => {
          onEvent(event);
          const { bookId } = event.data;
          return { tallies: [{ reader_id: idOf(event.stream), added: (tally?.added ?? 0) + 1, last_book: bookId }] };
        },
      },
      BookRemovedFromShelf: {
        keys: ({ stream }) => ({ tallies: [{ reader_id: idOf(stream) }] }),
        project: () => ({ tallies: [null] }),
      },
    },
  });
}
