import { AccountGone } from "../../auth/accountGone.ts";
import { storedLoginsOf } from "../../auth/logins.ts";
import { uploadsOf } from "../../library-import/uploads/uploads.ts";
import type { Pool } from "../../platform/postgres.ts";
import { storedAccount } from "../../queries/account/storedAccount.ts";
import { storedForReplay } from "../../replay/storedForReplay.ts";
import { shownLogin } from "./logins.ts";

/** The data besides events and rows of read models; loaded before the first piece of an export is sent. */
export type ExportHead = Readonly<Record<string, unknown>>;

/**
 * The data about a reader in tables that belong to no read model; `loginId` is the login of the request. Rejects with AccountGone if
 * there is no account.
 */
export async function exportHead(pool: Pool, readerId: string, loginId: string | undefined): Promise<ExportHead> {
  const account = await storedAccount(pool, readerId);
  if (account === undefined) throw new AccountGone();
  const [logins, uploads, forReplay] = await Promise.all([
    storedLoginsOf(pool, readerId),
    uploadsOf(pool, readerId),
    storedForReplay(pool, readerId),
  ]);
  const shown = logins.map(({ endedAt, ...login }) => ({ ...shownLogin(login, loginId), endedAt }));
  return { exportedAt: new Date(), ...account, logins: shown, uploads, ...forReplay };
}
