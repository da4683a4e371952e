import { failureOfStatus } from "../../../platform/elasticsearch.ts";
import { createEventLoopYield } from "../../../platform/eventLoopYield.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { Table } from "../../engine/core/declaration.ts";
import type { Context } from "./context.ts";
import { IndexLost, NotWritten, onIndex, RefusedContents } from "./errors.ts";
import { rowId } from "./layout.ts";
import { writeAliasOf } from "./names.ts";

/** A document with its external version; `gte`: it also replaces one with the same version. */
export type Write = {
  readonly id: string;
  readonly version: bigint;
  readonly type: "external" | "external_gte";
  readonly document: object;
};

/** The document of a row, existing or gone, that has seen its events up to `at`. */
export function rowWrite(table: Table, text: string, at: bigint, document: object): Write {
  // Positions in the log may start at 0, below which there is no version.
  return { id: rowId(table, text), version: at < 0n ? 0n : at, type: "external", document };
}

/** The maximum size of a request: documents, and characters of JSON. */
const maxDocuments = 1_000;
const maxCharacters = 4 * 1024 * 1024;

/**
 * Writes documents in as many requests as needed, and checks each response item by item (rule 20): a version conflict means
 * that the write was made before; a refusal rejects with RefusedContents, other errors with NotWritten or IndexLost. Resolves
 * with the ids that were written now. Writes are taken one by one, so that no more exist than one request has; `between` is called after
 * each.
 */
export async function writeAll(
  context: Context,
  build: BuildRef,
  writes: Iterable<Write> | AsyncIterable<Write>,
  between: () => Promise<void> = createEventLoopYield(),
): Promise<readonly string[]> {
  const written: string[] = [];
  let lines: string[] = [];
  let characters = 0;
  const send = async () => {
    if (lines.length > 0) written.push(...(await sendBulk(context, build, lines)));
    lines = [];
    characters = 0;
  };
  for await (const write of writes) {
    const added = [actionLine(write), JSON.stringify(write.document)];
    lines.push(...added);
    characters += added.reduce((sum, { length }) => sum + length, 0);
    if (lines.length >= 2 * maxDocuments || characters >= maxCharacters) await send();
    await between();
  }
  await send();
  return written;
}

/** Formatted by hand: a version is a long, and JavaScript's numbers end at 2^53. */
function actionLine({ id, version, type }: Write): string {
  return `{"index":{"_id":${JSON.stringify(id)},"version":${version},"version_type":"${type}"}}`;
}

async function sendBulk(context: Context, build: BuildRef, lines: readonly string[]): Promise<string[]> {
  const { items } = await onIndex(build, () =>
    context.client.bulk({ index: writeAliasOf(context, build), require_alias: true, operations: [...lines] }),
  );
  const written: string[] = [];
  let refused: string | undefined;
  let failed: string | undefined;
  for (const { index: item } of items) {
    if (item === undefined) continue;
    if (item.error === undefined) written.push(String(item._id));
    else if (item.status !== 409) {
      const { type, reason } = item.error;
      const failure = failureOfStatus(item.status, type);
      const says = `${item._id}: ${type}: ${reason ?? ""}`;
      if (failure === "missing") throw new IndexLost(`the index of ${build.name} is gone: ${says}`);
      if (failure === "refused" && item.status === 400) refused ??= says;
      else failed ??= says;
    }
  }
  // Faults come first: refused contents are refused again when the other items are written.
  if (failed !== undefined) throw new NotWritten(failed);
  if (refused !== undefined) throw new RefusedContents(refused);
  return written;
}
