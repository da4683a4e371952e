/** The account of a token or login does not exist any more: it was erased in the meantime. */
export class AccountGone extends Error {
  override readonly name = "AccountGone";
  constructor() {
    super("The account no longer exists; it was erased.");
  }
}
