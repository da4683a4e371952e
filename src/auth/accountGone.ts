/** The account that a token, or a login, was of is gone: it was erased meanwhile. */
export class AccountGone extends Error {
  override readonly name = "AccountGone";
  constructor() {
    super("The account is gone.");
  }
}
