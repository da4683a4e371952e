import { v7 as uuidv7 } from "uuid";
import { registerReader } from "../commands/account/registerReader.ts";
import { CommandRefused, StreamBusy, StreamDeleted } from "../commands/errors.ts";
import type { CommandContext, HandleCommand } from "../commands/types.ts";
import type { Pool } from "../platform/postgres.ts";
import type { AccessTokens, Identity } from "./accessTokens.ts";
import { AccountGone } from "./accountGone.ts";
import { accountFor, newReaderId } from "./accounts.ts";
import { markErased } from "./erasure/markErased.ts";
import type { RefreshTokens } from "./refreshTokens.ts";
import type { SessionKeys } from "./sessionKeys.ts";
import type { Code2Session } from "./wechat/code2Session.ts";

export type LoggedIn = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly readerId: string;
  /** Whether this login registered the reader. */
  readonly isNew: boolean;
};

export type LoginDependencies = {
  readonly code2Session: Code2Session;
  readonly pool: Pool;
  readonly sessionKeys: Omit<SessionKeys, "forget">;
  readonly handleCommand: HandleCommand;
  readonly tokens: Pick<AccessTokens, "issue">;
  readonly refreshTokens: RefreshTokens;
};

/** The dependencies of `identify`. */
export type IdentifyDependencies = Pick<LoginDependencies, "code2Session" | "pool" | "sessionKeys" | "handleCommand">;

/**
 * Logs a reader in with a one-use code of `wx.login`. Rejects with LoginRefused, with StreamBusy if several accounts were erased
 * during it, or as Postgres, Redis and the event store do.
 */
export async function login(
  deps: LoginDependencies,
  { code, userAgent }: { readonly code: string; readonly userAgent: string | undefined },
  context: CommandContext,
): Promise<LoggedIn> {
  return identify(deps, code, context, async ({ identity, isNew }) => {
    const { readerId } = identity;
    const loginId = uuidv7();
    const refreshToken = await deps.refreshTokens.issue(readerId, { id: loginId, userAgent });
    return { ...deps.tokens.issue({ ...identity, loginId }), refreshToken, readerId, isNew };
  });
}

/**
 * The reader of a `wx.login` code, and WeChat's `sessionKey` for this code; the stored one is that of the reader's last login, which may
 * be another by now.
 */
export type Identified = { readonly identity: Identity; readonly isNew: boolean; readonly sessionKey: string };

/** Accounts that a login tries: another one is needed only if the reader erases the account during the login. */
const maxAccounts = 3;

/**
 * Finds the reader of a `wx.login` code, registers a new one, and does the rest of the login, `proceed`. If the account is erased in the
 * meantime, `proceed` is called again with a new account: the client cannot send its code again. The account row is inserted before
 * `ReaderRegistered` is appended: if a login is interrupted between the two, the next login finds the row and appends the event. Rejects
 * as `login` does, and as `proceed`.
 */
export async function identify<Result>(
  { code2Session, pool, sessionKeys, handleCommand }: IdentifyDependencies,
  code: string,
  context: CommandContext,
  proceed: (identified: Identified) => Promise<Result>,
): Promise<Result> {
  const { openid, sessionKey } = await code2Session(code);
  for (let account = 1; account <= maxAccounts; account++) {
    try {
      const identity = await accountFor(pool, openid, newReaderId());
      const { readerId } = identity;
      return await unlessErased(pool, readerId, async () => {
        const registered = await registerReader({ handleCommand }, { readerId, via: "wechat" }, context);
        await sessionKeys.save(readerId, sessionKey);
        return proceed({ identity, isNew: registered.events.length > 0, sessionKey });
      });
    } catch (error) {
      if (!(error instanceof AccountGone)) throw error;
    }
  }
  throw new StreamBusy(`${maxAccounts} accounts were erased during one login`);
}

/**
 * Rejects with AccountGone if the log has an erasure of the reader, or the reader's deleted streams. The account is marked again: Postgres may be a backup from before
 * the erasure.
 */
async function unlessErased<Result>(pool: Pool, readerId: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isErased =
      error instanceof StreamDeleted || (error instanceof CommandRefused && error.code === "reader_erased");
    if (!isErased) throw error;
    await markErased(pool, readerId);
    throw new AccountGone();
  }
}
