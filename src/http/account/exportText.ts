import type { ReaderEvents } from "../../commands/account/readerEvents.ts";
import { bigintAsText } from "../../platform/bigintAsText.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { ReaderTable } from "../../queries/account/readerRows.ts";
import type { ExportHead } from "./exportHead.ts";

/**
 * The export of a reader as JSON, in pieces; keeps one event or one page of rows in memory. Wherever it is left, all that it opened
 * is ended.
 */
export async function* exportText(
  head: ExportHead,
  streams: readonly ReaderEvents[],
  tables: readonly ReaderTable[],
  { pool, readerId }: { readonly pool: Pool; readonly readerId: string },
): AsyncGenerator<string> {
  // Read from each store before the first piece is sent, so that an outage is reported as a problem.
  const parts = [
    objectOf(head),
    membersOf(streamMembers(streams)),
    membersOf(modelMembers(tables, pool, readerId)),
  ] as const;
  try {
    const opened = await Promise.all(parts.map((part) => part.next()));
    const names = ['{"reader":', ',"streams":', ',"readModels":'];
    for (const [index, part] of parts.entries()) {
      yield names[index] ?? "";
      const first = opened[index];
      if (first && !first.done) yield first.value;
      yield* part;
    }
    yield "}\n";
  } finally {
    await Promise.all(parts.map((part) => part.return(undefined)));
  }
}

async function* objectOf(value: ExportHead): AsyncGenerator<string> {
  yield JSON.stringify(value, bigintAsText);
}

type Member = readonly [name: string, pieces: AsyncIterable<string>];

/** A JSON object of the given members. */
async function* membersOf(members: Iterable<Member>): AsyncGenerator<string> {
  let opening = "{";
  for (const [name, pieces] of members) {
    let start = `${opening}${JSON.stringify(name)}:`;
    for await (const piece of pieces) {
      yield start + piece;
      start = "";
    }
    opening = ",";
  }
  yield opening === "{" ? "{}" : "}";
}

async function* listOf(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let opening = "[";
  for await (const item of items) {
    yield opening + JSON.stringify(item, bigintAsText);
    opening = ",\n";
  }
  yield opening === "[" ? "[]" : "]";
}

function* streamMembers(streams: readonly ReaderEvents[]): Generator<Member> {
  for (const { category, events } of streams) yield [category, listOf(events)];
}

function* modelMembers(all: readonly ReaderTable[], pool: Pool, readerId: string): Generator<Member> {
  for (const readModel of new Set(all.map((table) => table.readModel))) {
    const tables = all.filter((table) => table.readModel === readModel);
    yield [readModel, membersOf(tables.map(({ table, rows }): Member => [table, listOf(rows(pool, readerId))]))];
  }
}
