import { type Account, keptShare, keptShares } from "./account.ts";

/** Published editions by the id of their book. */
export type ReplacedEditions = Readonly<Record<string, number>>;

/** An import that requires a decision by a person. The message describes the result of the import. */
export class NeedsDecision extends Error {
  override readonly name = "NeedsDecision";
  /** The command line option that decides: `--force`, `--replace` or both. */
  readonly option: string;
  readonly account: Account | null;
  /** The editions that would be replaced by others, by book: who decides has seen these. */
  readonly replaces: ReplacedEditions;
  constructor(message: string, option: string, account: Account | null = null, replaces: ReplacedEditions = {}) {
    super(message);
    this.option = option;
    this.account = account;
    this.replaces = replaces;
  }
  /** The message with the option, for a command line. */
  get advice(): string {
    return `${this.message} (${this.option} imports it all the same)`;
  }
}

/** The maximum number of undecided books that are listed. */
const maxListed = 5;

/** One decision about several of a file's `count` books; the others are imported. */
export function decisionOnSome(
  undecided: readonly { readonly title: string; readonly error: NeedsDecision }[],
  count: number,
): NeedsDecision {
  const listed = undecided.slice(0, maxListed).map(({ title, error }) => `《${title}》: ${error.message}`);
  const more = undecided.length > maxListed ? ` (and ${undecided.length - maxListed} more)` : "";
  const options = [...new Set(undecided.map(({ error }) => error.option))].sort().join(" ");
  const message = `${undecided.length} of ${count} books were not imported. ${listed.join(" ")}${more}`;
  const replaces = Object.assign({}, ...undecided.map(({ error }) => error.replaces));
  return new NeedsDecision(message, options, null, replaces);
}

/** Throws NeedsDecision if more than a tenth of the file's text was not kept; `option` decides. */
export function refuseLoss(account: Account | null, option = "--force"): void {
  const loss = lossOf(account, option);
  if (loss !== undefined) throw loss;
}

/** The decision that a file needs of whose text more than a tenth was not kept; `option` decides. */
export function lossOf(account: Account | null, option = "--force"): NeedsDecision | undefined {
  if (account === null || keptShare(account) >= keptShares.refused) return undefined;
  return new NeedsDecision(account.warnings[0] ?? "much of the text is not in the book", option, account);
}

/** The decision for a book most of whose chapters would be replaced; `why` is the reason. */
export function otherOf(
  why: string,
  offered: {
    readonly bookId: string;
    readonly title: string;
    readonly author: string;
    readonly account: Account | null;
    /** Whether the importer named the book by its id. */
    readonly isNamed: boolean;
    /** The published edition. */
    readonly edition: number;
  },
): NeedsDecision {
  const { bookId, title, author, account, isNamed, edition } = offered;
  const advice = isNamed ? "" : "; give it an id to make it a book of its own";
  const message = `Book ${bookId} is another one: ${why} The file is 《${title}》 by ${author}${advice}.`;
  return new NeedsDecision(message, "--replace", account, { [bookId]: edition });
}

/** Throws the decision that an import needs for all these reasons, if there are any. */
export function refuseAll(reasons: readonly (NeedsDecision | undefined)[]): void {
  const [first, second] = reasons.filter((reason) => reason !== undefined);
  if (first === undefined) return;
  if (second === undefined) throw first;
  const message = `${first.message}. ${second.message}`;
  throw new NeedsDecision(message, `${first.option} ${second.option}`, first.account, {
    ...first.replaces,
    ...second.replaces,
  });
}
