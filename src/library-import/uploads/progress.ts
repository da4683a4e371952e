import { hiddenWarnings, type ImportResult } from "../importBook.ts";

/** For large catalogues only this many books and warnings are recorded. */
const maxBooksListed = 100;

/** The progress of an import, which its steps change. */
export type Progress = ReturnType<typeof startProgress>;

/** The progress of an import that has not begun. */
export function startProgress() {
  const none: { read: number | null; kept: number | null } = { read: null, kept: null };
  const lists = { firstBooks: [] as ImportResult[], warnings: [] as string[] };
  return { stepsDone: 0, steps: 0, books: 0, written: 0, unlisted: 0, ...lists, ...none };
}

/** Adds warnings. */
export function warn(progress: Progress, ...warnings: readonly string[]): void {
  const listed = warnings.slice(0, Math.max(0, maxBooksListed - progress.warnings.length));
  progress.warnings.push(...listed);
  progress.unlisted += warnings.length - listed.length;
}

/** At the end: adds the number of warnings that are not listed. */
export function warnOfMore(progress: Progress): void {
  if (progress.unlisted > 0) progress.warnings.push(`${progress.unlisted} more warnings are not listed`);
}

/** Adds an imported book, with its warnings. */
export function addResult(progress: Progress, result: ImportResult): void {
  const { account } = result;
  warn(progress, ...hiddenWarnings(result));
  progress.books += 1;
  if (result.events.length > 0) progress.written += 1;
  if (progress.firstBooks.length < maxBooksListed) progress.firstBooks.push(result);
  if (account === null) return;
  progress.read = (progress.read ?? 0) + account.read;
  progress.kept = (progress.kept ?? 0) + account.kept;
  warn(progress, ...account.warnings);
}
