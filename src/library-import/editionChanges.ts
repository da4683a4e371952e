import { CommandRefused } from "../commands/errors.ts";

/** Another import published an edition of the book while this one was made for the edition before. */
export class EditionChanged extends Error {
  override readonly name = "EditionChanged";
}

/** Maximum number of times that an import begins because of others of the same book. */
const maxBeginnings = 4;

/** Runs `work` again while others change the book's edition meanwhile. */
export async function whileEditionsChange<Result>(bookId: string, work: () => Promise<Result>): Promise<Result> {
  for (let times = 1; times <= maxBeginnings; times++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EditionChanged)) throw error;
    }
  }
  throw new Error(`another import changed book ${bookId} at the same time; import it again`);
}

/** Returns whether a book refused chapters as those of another book, or a command that was made for another edition. */
export function isOtherBook(error: unknown): error is CommandRefused {
  return error instanceof CommandRefused && error.code === "book_differs";
}
