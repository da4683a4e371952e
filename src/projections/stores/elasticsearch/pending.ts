import { createEventLoopYield } from "../../../platform/eventLoopYield.ts";
import type { Build } from "../../engine/core/build.ts";
import type { Changes } from "../../engine/core/changes.ts";
import type { Row } from "../../engine/core/declaration.ts";
import type { Patterns } from "../../engine/core/plan.ts";
import { keyText, matches } from "../../engine/core/rowKeys.ts";
import { rowWrite, type Write } from "./bulk.ts";
import type { Context } from "./context.ts";
import { declared, goneDocument, rowDocument } from "./layout.ts";
import { numbersOf } from "./numbers.ts";
import { findRows } from "./rows.ts";

type Change = {
  readonly row: Row | null;
  readonly at: bigint;
  readonly document: (position: bigint) => object;
};

/**
 * Documents to be written, none of which is sent before the work has ended. Every row is validated when it is added, so that
 * work that is rolled back also reveals what would be refused.
 */
export function createPending(context: Context, build: Build, partition?: number) {
  const { name, table } = declared(build);
  const changes = new Map<string, Change>();
  const yieldTurn = createEventLoopYield();

  /** A deletion is also written for a row that never existed: a suspended process may still write it (rule 21). */
  const remove = (text: string, key: Row, at: bigint) => {
    changes.set(text, { row: null, at, document: (position) => goneDocument(build, key, position) });
  };

  const wipe = async (pattern: Row, at: bigint) => {
    const patterns: Patterns = new Map([[name, [pattern]]]);
    for (const [text, { row }] of likeHere(pattern)) remove(text, row, at);
    for (const [text, { row, position }] of await findRows(context, build, patterns, partition)) {
      // Rows written after the wipe, before a crash, stay.
      if (!changes.has(text) && position < at) remove(text, row, at);
    }
  };

  const likeHere = (pattern: Row): [string, { readonly row: Row }][] =>
    [...changes].flatMap(([text, { row }]) =>
      row !== null && matches(pattern, row) ? [[text, { row }] satisfies [string, { readonly row: Row }]] : [],
    );

  return {
    size: () => changes.size,
    /** The future state of the row; null if it is deleted, undefined if it does not change. */
    of: (text: string): Row | null | undefined => {
      const change = changes.get(text);
      return change === undefined ? undefined : change.row;
    },
    likeHere,
    /** Wipes first, then rows. Rejects with RefusedContents. */
    async add(given: Changes): Promise<void> {
      const change = given.get(name);
      if (change === undefined) return;
      for (const { pattern, at } of change.wipes) await wipe(pattern, at);
      const present = [...change.rows.values()].flatMap(({ row }) => (row === null ? [] : [row]));
      const numbers = await numbersOf(context, build, present);
      for (const [text, { key, row, at }] of change.rows) {
        if (row === null) remove(text, key, at);
        else changes.set(text, { row, at, document: rowDocument(build, row, numbers(row)) });
        await yieldTurn();
      }
    },
    /** Each document with the position of the last event that changed it as its version. */
    *writes(): Generator<Write> {
      for (const [text, { at, document }] of changes) yield rowWrite(table, text, at, document(at));
    },
    textOf: (row: Row) => keyText(table, row),
  };
}
export type Pending = ReturnType<typeof createPending>;
