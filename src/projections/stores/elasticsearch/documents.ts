import type { estypes } from "@elastic/elasticsearch";
import type { BuildRef } from "../../engine/core/build.ts";
import type { Context } from "./context.ts";
import { IndexLost, onIndex } from "./errors.ts";
import type { EngineField } from "./layout.ts";
import { indexOf } from "./names.ts";
import { askPortion } from "./portions.ts";

/** A document: the engine's field, and in that of a row what is searched. */
export type Source = { readonly engine: EngineField };

/** Time for which a point in time is kept between two requests: the log may be folded in between. */
const keepAlive = "30m";

/** The engine's field of documents by id, in real time; missing documents are left out. */
export async function getDocuments(
  context: Context,
  build: BuildRef,
  ids: readonly string[],
): Promise<ReadonlyMap<string, EngineField>> {
  const found = new Map<string, EngineField>();
  let asked = 0;
  while (asked < ids.length) {
    const { docs } = await askPortion(context.client, ids.length - asked, (size) =>
      onIndex(build, () =>
        context.client.mget<Source>({
          index: indexOf(context, build),
          ids: ids.slice(asked, asked + size),
          _source_includes: ["engine"],
        }),
      ),
    );
    asked += docs.length;
    for (const doc of docs) {
      if ("error" in doc) {
        const { type, reason } = doc.error;
        if (type === "index_not_found_exception") throw new IndexLost(`the index of ${build.name} is gone`);
        throw new Error(`${doc._id} of ${build.name}: ${type}: ${reason ?? ""}`);
      }
      if (doc.found && doc._source !== undefined) found.set(doc._id, doc._source.engine);
    }
  }
  return found;
}

/** Makes everything written so far visible to searches. */
export async function refresh(context: Context, build: BuildRef): Promise<void> {
  await onIndex(build, () => context.client.indices.refresh({ index: indexOf(context, build) }));
}

/** A point in time of the index. Must be closed. */
export type Moment = {
  /** All matching documents by id, in any order. Of a document only these fields are read, if not the whole field `engine`. */
  scan(
    filter: readonly estypes.QueryDslQueryContainer[],
    fields?: readonly string[],
  ): AsyncIterable<readonly [id: string, engine: EngineField]>;
  /** The same with all fields. A document that another program wrote may lack `engine`. */
  scanWhole(
    filter: readonly estypes.QueryDslQueryContainer[],
  ): AsyncIterable<readonly [id: string, source: Partial<Source>]>;
  close(): Promise<void>;
};

/** Refreshes and opens a point in time. */
export async function openMoment(context: Context, build: BuildRef): Promise<Moment> {
  await refresh(context, build);
  const { client } = context;
  const opened = await onIndex(build, () =>
    client.openPointInTime({ index: indexOf(context, build), keep_alive: keepAlive }),
  );
  let { id } = opened;
  async function* read<Fields extends Partial<Source>>(
    filter: readonly estypes.QueryDslQueryContainer[],
    fields: readonly string[] | true,
  ): AsyncGenerator<readonly [id: string, source: Fields]> {
    let after: estypes.SortResults | undefined;
    for (;;) {
      const { answer, isLast } = await askPortion(client, Number.POSITIVE_INFINITY, async (size) => {
        const answer = await onIndex(build, () =>
          client.search<Fields>({
            pit: { id, keep_alive: keepAlive },
            size,
            query: { bool: { filter: [...filter] } },
            sort: ["_shard_doc"],
            track_total_hits: false,
            _source: fields === true ? fields : [...fields],
            ...(after && { search_after: after }),
          }),
        );
        return { answer, isLast: answer.hits.hits.length < size };
      });
      id = answer.pit_id ?? id;
      const { hits } = answer.hits;
      for (const hit of hits) if (hit._source !== undefined) yield [String(hit._id), hit._source];
      after = hits.at(-1)?.sort;
      if (isLast || after === undefined) return;
    }
  }
  return {
    async *scan(filter, fields = ["engine"]) {
      for await (const [id, { engine }] of read<Source>(filter, fields)) yield [id, engine];
    },
    scanWhole: (filter) => read(filter, true),
    close: async () => {
      await client.closePointInTime({ id });
    },
  };
}

/** Runs work on a point in time, and closes it. */
export async function atMoment<Result>(
  context: Context,
  build: BuildRef,
  work: (moment: Moment) => Promise<Result>,
): Promise<Result> {
  const moment = await openMoment(context, build);
  try {
    return await work(moment);
  } finally {
    // If closing fails, the server closes it when it expires.
    await moment.close().catch(() => undefined);
  }
}
