import { v7 as uuidv7 } from "uuid";
import { registerReader } from "../commands/account/registerReader.ts";
import { CommandRefused } from "../commands/errors.ts";
import type { CommandContext, HandleCommand } from "../commands/types.ts";
import type { Pool } from "../platform/postgres.ts";
import type { AccessTokens, Identity } from "./accessTokens.ts";
import { accountFor } from "./accounts.ts";
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
 * Logs a reader in with a one-use code of `wx.login`. Rejects with LoginRefused, with AccountGone if the account is deleted in
 * the meantime, or as Postgres, Redis and the event store do.
 */
export async function login(
  deps: LoginDependencies,
  { code, userAgent }: { readonly code: string; readonly userAgent: string | undefined },
  context: CommandContext,
): Promise<LoggedIn> {
  const { identity, isNew } = await identify(deps, code, context);
  const { readerId } = identity;
  const loginId = uuidv7();
  const refreshToken = await deps.refreshTokens.issue(readerId, { id: loginId, userAgent });
  return { ...deps.tokens.issue({ ...identity, loginId }), refreshToken, readerId, isNew };
}

/**
 * The reader of a `wx.login` code; registers a new one. The account row is inserted before `ReaderRegistered` is appended: if a
 * login is interrupted between the two, the next login finds the row and appends the event. `sessionKey` is WeChat's for this code; the
 * stored one is that of the reader's last login, which may be another by now. Rejects as `login` does.
 */
export async function identify(
  deps: IdentifyDependencies,
  code: string,
  context: CommandContext,
): Promise<{ readonly identity: Identity; readonly isNew: boolean; readonly sessionKey: string }> {
  const { openid, sessionKey } = await deps.code2Session(code);
  const { identity, registered } = await registeredAccount(deps, openid, context);
  await deps.sessionKeys.save(identity.readerId, sessionKey);
  return { identity, isNew: registered.events.length > 0, sessionKey };
}

/**
 * If the log records an erasure of the account, as after restoring an older Postgres, it is erased again and the reader gets a
 * new account.
 */
async function registeredAccount(
  { pool, handleCommand }: Pick<LoginDependencies, "pool" | "handleCommand">,
  openid: string,
  context: CommandContext,
) {
  for (let attempt = 1; ; attempt++) {
    const identity = await accountFor(pool, openid, uuidv7());
    const { readerId } = identity;
    try {
      const registered = await registerReader({ handleCommand }, { readerId, via: "wechat" }, context);
      return { identity, registered };
    } catch (error) {
      if (attempt > 1 || !(error instanceof CommandRefused) || error.code !== "reader_erased") throw error;
      await markErased(pool, readerId);
    }
  }
}
