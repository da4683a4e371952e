import type { Role } from "./roles.ts";

/** A refused credential or profile, with the code of an HTTP problem. */
class Refused<Code extends string> extends Error {
  readonly code: Code;
  constructor(code: Code, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Why a WeChat login fails; codes of HTTP problems. */
export type LoginProblem =
  | "wechat_code_invalid"
  | "wechat_code_used"
  | "wechat_blocked"
  | "wechat_rate_limited"
  | "wechat_busy"
  | "wechat_unreachable"
  | "wechat_misconfigured"
  | "wechat_failed";

/** WeChat did not accept the code. The message never contains the code, an openid or a key. */
export class LoginRefused extends Refused<LoginProblem> {
  override readonly name = "LoginRefused";
}

/** Why a refresh token is refused; in each case the reader must log in again. */
export type RefreshProblem =
  | "refresh_token_invalid"
  | "refresh_token_expired"
  | "refresh_token_revoked"
  | "refresh_token_reused"
  | "reader_erased";

/** The refresh token was refused. */
export class RefreshRefused extends Refused<RefreshProblem> {
  override readonly name = "RefreshRefused";
}

/** Why a profile is refused. */
export type ProfileProblem =
  | "session_key_missing"
  | "profile_undecryptable"
  | "profile_signature_invalid"
  | "profile_of_another_app"
  | "profile_nickname_blank";

/** The profile was refused. The message contains nothing of it. */
export class ProfileRefused extends Refused<ProfileProblem> {
  override readonly name = "ProfileRefused";
}

/** The token is valid, but its account lacks the role that the endpoint requires. */
export class RoleMissing extends Error {
  override readonly name = "RoleMissing";
  constructor(role: Role) {
    super(`This is for accounts with the role ${role}.`);
  }
}

export type TokenProblem = "token_missing" | "token_invalid" | "token_expired" | "reader_erased";

/** The access token of a request is missing or not valid. */
export class TokenRefused extends Refused<TokenProblem> {
  override readonly name = "TokenRefused";
}
