import { isDeepStrictEqual } from "node:util";
import { Client } from "@elastic/elasticsearch";
import type { ReadModel, Row, RowNumbers } from "../../../src/projections/engine/core/declaration.ts";
import { indexAlias } from "../../../src/projections/views.ts";

export type Environment = Readonly<Record<string, string>>;

/** The stored form of a row in queries: its columns as JSON, and the searched fields. */
export type StoredDocument = {
  readonly row: Row;
  readonly searched: Readonly<Record<string, unknown>>;
  readonly numbers: Readonly<Record<string, number>>;
};

/** More than a run creates. */
const most = 10_000;

type Source = {
  readonly engine: { readonly row: Row; readonly numbers: Readonly<Record<string, number>> };
  readonly numbersAsOf?: string;
};

/**
 * All documents of rows behind the alias of a read model, at present. Rejects when the search engine is unavailable or the alias is
 * missing.
 */
export async function storedDocuments(environment: Environment, readModel: ReadModel): Promise<StoredDocument[]> {
  const index = indexAlias(environment.ELASTICSEARCH_PREFIX ?? "", readModel);
  const client = new Client({ node: environment.ELASTICSEARCH_URL ?? "", requestTimeout: 10_000, maxRetries: 0 });
  try {
    await client.indices.refresh({ index });
    const { hits } = await client.search<Source>({ index, size: most, query: { term: { "engine.kind": "row" } } });
    if (hits.hits.length === most) throw new Error(`${index} has ${most} documents or more`);
    return hits.hits.map(({ _source }) => {
      if (_source === undefined) throw new Error(`${index} has a document without a source`);
      const { engine, ...searched } = _source;
      return { row: engine.row, numbers: engine.numbers, searched };
    });
  } finally {
    await client.close();
  }
}

/**
 * Describes the difference in the searched fields of a document, given the row of the fold: they must be the result of the read
 * model's own function with the numbers that the document names. Undefined if there is none.
 */
export function wrongFields({ index }: ReadModel, row: Row, document: StoredDocument): string | undefined {
  const { searched, numbers } = document;
  const given = { ...numbers, asOf: new Date(String(searched.numbersAsOf)) } as unknown as RowNumbers;
  const right: unknown = JSON.parse(JSON.stringify(index?.document(row, given)));
  if (isDeepStrictEqual(searched, right)) return undefined;
  return `searched as ${JSON.stringify(searched)} instead of ${JSON.stringify(right)}`;
}

/** Compares the numbers of shelves in the documents of books with those of the rows that count them. */
export function wrongShelves(
  documents: readonly StoredDocument[],
  collected: ReadonlyMap<string, number>,
): readonly string[] {
  return documents.flatMap(({ row, searched }) => {
    const right = collected.get(String(row.book_id)) ?? 0;
    return searched.shelves === right
      ? []
      : [`${row.book_id} is on ${searched.shelves} shelves in the index, not ${right}`];
  });
}
