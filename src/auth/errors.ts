import type { Role } from "./roles.ts";

/** What is not taken, with the code of an HTTP problem. */
class Refused<Code extends string> extends Error {
  readonly code: Code;
  constructor(code: Code, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Why a WeChat login fails; the codes are those of the HTTP problems. */
export type LoginProblem =
  | "wechat_code_invalid"
  | "wechat_code_used"
  | "wechat_blocked"
  | "wechat_rate_limited"
  | "wechat_busy"
  | "wechat_unreachable"
  | "wechat_misconfigured"
  | "wechat_failed";

/** WeChat did not tell who the code stands for. The message never holds the code, an openid or a key. */
export class LoginRefused extends Refused<LoginProblem> {
  override readonly name = "LoginRefused";
}

/** Why a refresh token is not taken; each means that the reader must log in again. */
export type RefreshProblem =
  | "refresh_token_invalid"
  | "refresh_token_expired"
  | "refresh_token_revoked"
  | "refresh_token_reused"
  | "reader_erased";

/** A refresh token gives no new tokens. */
export class RefreshRefused extends Refused<RefreshProblem> {
  override readonly name = "RefreshRefused";
}

/** Why a profile is not taken over. */
export type ProfileProblem =
  | "session_key_missing"
  | "profile_undecryptable"
  | "profile_signature_invalid"
  | "profile_of_another_app"
  | "profile_nickname_blank";

/** A profile of WeChat's is not taken over. The message holds nothing of it. */
export class ProfileRefused extends Refused<ProfileProblem> {
  override readonly name = "ProfileRefused";
}

/** The token is good, but its account does not have the role that the endpoint is for. */
export class RoleMissing extends Error {
  override readonly name = "RoleMissing";
  constructor(role: Role) {
    super(`This is for accounts with the role ${role}.`);
  }
}

export type TokenProblem = "token_missing" | "token_invalid" | "token_expired" | "reader_erased";

/** The access token of a request is absent or not one to be trusted. */
export class TokenRefused extends Refused<TokenProblem> {
  override readonly name = "TokenRefused";
}
