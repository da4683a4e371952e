/** The account that a token, or a login, was of is gone: it was deleted meanwhile. */
export class AccountGone extends Error {
  override readonly name = "AccountGone";
  constructor() {
    super("The account is gone.");
  }
}

/** SQLSTATE of a row whose foreign key names nothing. What belongs to an account refers to nothing else. */
const foreignKeyViolation = "23503";

/** Rethrows what Postgres says of a row that belongs to an account, as AccountGone if that account is not there. */
export function orAccountGone(error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  throw code === foreignKeyViolation ? new AccountGone() : error;
}
