import { AccountGone } from "../auth/accountGone.ts";
import { BookNotFound, ChapterNotFound, CommandRefused, StreamDeleted } from "../commands/errors.ts";
import { refusalOf } from "../library-import/importBooks.ts";
import { NeedsDecision } from "../library-import/needsDecision.ts";
import type { TableName } from "./tables.ts";
import { UnusableRow } from "./values.ts";

export const accountErased = "is of a user whose account was erased";

/** Returns whether the error means that the reader's account was erased; StreamDeleted does unless the stream is a book's. */
export function isErasure(error: unknown): boolean {
  if (error instanceof AccountGone || error instanceof StreamDeleted) return true;
  return error instanceof CommandRefused && error.code === "reader_erased";
}

/** Why a row is skipped. Rethrows errors that are not about the row. */
export function reasonOf(table: TableName, error: unknown): string {
  if (error instanceof UnusableRow) return error.message;
  if (error instanceof NeedsDecision) return `needs a decision: ${error.advice}`;
  if (table !== "book" && isErasure(error)) return accountErased;
  if (error instanceof BookNotFound || error instanceof ChapterNotFound) return `is refused: ${error.message}`;
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  return refusal;
}
