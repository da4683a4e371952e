import { CommandRefused } from "../commands/errors.ts";
import { type Account, keptShare, keptShares } from "./account.ts";

/** An import that goes on only if somebody says so. The message is for people: it says what would happen. */
export class NeedsDecision extends Error {
  override readonly name = "NeedsDecision";
  /** What says so on the command line: `--force` or `--replace`. */
  readonly option: "--force" | "--replace";
  readonly account: Account | null;
  constructor(message: string, option: "--force" | "--replace", account: Account | null = null) {
    super(message);
    this.option = option;
    this.account = account;
  }
}

/** Throws NeedsDecision if more than a tenth of the file's text is not in the book. */
export function refuseLoss(account: Account | null): void {
  if (account === null || keptShare(account) >= keptShares.refused) return;
  throw new NeedsDecision(account.warnings[0] ?? "much of the text is not in the book", "--force", account);
}

/** Waits for the comparison with the book that is there, and rejects with NeedsDecision if it is another one. */
export async function refuseOther(
  comparison: Promise<void>,
  offered: { readonly bookId: string; readonly title: string; readonly author: string },
): Promise<void> {
  try {
    await comparison;
  } catch (error) {
    if (!(error instanceof CommandRefused) || error.code !== "book_differs") throw error;
    const { bookId, title, author } = offered;
    const other = `Book ${bookId} is another one: ${error.message}`;
    throw new NeedsDecision(
      `${other} The file is 《${title}》 by ${author}; give it an id to make it a book of its own.`,
      "--replace",
    );
  }
}
