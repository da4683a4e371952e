import { randomBytes } from "node:crypto";

/** The lifetime of a code at WeChat, and the time for which a used code is remembered. */
const codeLifetimeMs = 5 * 60_000;

/** The errors that a code can be made to return: busy, rate limited, high-risk user. */
export type ForcedError = -1 | 45011 | 40226;

type Code = { user: string; madeAt: number; used: boolean; forced: ForcedError | null };
export type Redemption = { user: string } | { errcode: 40029 | 40163 | ForcedError };
export type Codes = ReturnType<typeof createCodes>;

/** The one-use login codes, in memory: after a restart they are invalid. `now` in milliseconds. */
export function createCodes(now: () => number) {
  const codes = new Map<string, Code>();

  return {
    /** A code for one login of `user`. With -1 or 45011 the first use fails and the next works; 40226 stays. */
    issue(user: string, forced: ForcedError | null): string {
      // A Map keeps insertion order, so expired ones are first.
      for (const [code, { madeAt }] of codes) {
        if (now() - madeAt < codeLifetimeMs) break;
        codes.delete(code);
      }
      const code = `0${randomBytes(24).toString("base64url").replaceAll(/[-_]/g, "x").slice(1)}`;
      codes.set(code, { user, madeAt: now(), used: false, forced });
      return code;
    },

    redeem(value: string): Redemption {
      const code = codes.get(value);
      if (code === undefined || now() - code.madeAt >= codeLifetimeMs) return { errcode: 40029 };
      if (code.used) return { errcode: 40163 };
      if (code.forced !== null) {
        const errcode = code.forced;
        if (errcode !== 40226) code.forced = null;
        return { errcode };
      }
      code.used = true;
      return { user: code.user };
    },
  };
}
