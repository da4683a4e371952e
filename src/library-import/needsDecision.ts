import { CommandRefused } from "../commands/errors.ts";
import { type Account, keptShare, keptShares } from "./account.ts";

/** An import that requires a decision by a person. The message says what the import would do. */
export class NeedsDecision extends Error {
  override readonly name = "NeedsDecision";
  /** The command line option that decides: `--force`, `--replace` or both. */
  readonly option: string;
  readonly account: Account | null;
  constructor(message: string, option: string, account: Account | null = null) {
    super(message);
    this.option = option;
    this.account = account;
  }
  /** The message with the option, for a command line. */
  get advice(): string {
    return `${this.message} (${this.option} imports it all the same)`;
  }
}

/** The maximum number of undecided books that are listed. */
const mostListed = 5;

/** One decision about several of a file's `count` books; the others are imported. */
export function decisionOnSome(
  undecided: readonly { readonly title: string; readonly error: NeedsDecision }[],
  count: number,
): NeedsDecision {
  const listed = undecided.slice(0, mostListed).map(({ title, error }) => `《${title}》: ${error.message}`);
  const more = undecided.length > mostListed ? ` (and ${undecided.length - mostListed} more)` : "";
  const options = [...new Set(undecided.map(({ error }) => error.option))].sort().join(" ");
  const message = `${undecided.length} of ${count} books were not imported. ${listed.join(" ")}${more}`;
  return new NeedsDecision(message, options);
}

/** Throws NeedsDecision if more than a tenth of the file's text was not kept; `option` decides. */
export function refuseLoss(account: Account | null, option = "--force"): void {
  if (account === null || keptShare(account) >= keptShares.refused) return;
  throw new NeedsDecision(account.warnings[0] ?? "much of the text is not in the book", option, account);
}

/** Awaits the comparison with the existing book, and rejects with NeedsDecision if it is a different book. */
export async function refuseOther(
  comparison: Promise<void>,
  offered: {
    readonly bookId: string;
    readonly title: string;
    readonly author: string;
    readonly account: Account | null;
    /** Whether the importer named the book by its id. */
    readonly isNamed: boolean;
  },
): Promise<void> {
  try {
    await comparison;
  } catch (error) {
    if (!(error instanceof CommandRefused) || error.code !== "book_differs") throw error;
    const { bookId, title, author, account, isNamed } = offered;
    const advice = isNamed ? "" : "; give it an id to make it a book of its own";
    const other = `Book ${bookId} is another one: ${error.message}`;
    throw new NeedsDecision(`${other} The file is 《${title}》 by ${author}${advice}.`, "--replace", account);
  }
}
