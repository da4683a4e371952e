import type { PostAuthRefreshAnswer, PostAuthWechatAnswer } from "./api.js";
import { HeimaError } from "./errors.js";
import { exchange, type Patience } from "./exchange.js";
import type { Wx } from "./wx.js";

/** What is kept between starts of the mini-program. Tokens are secrets of the reader: they stay in its storage. */
export interface StoredSession {
  accessToken: string;
  refreshToken: string;
  /** Milliseconds since 1970, by this device's clock. */
  expiresAt: number;
  readerId: string;
}

export interface Session {
  /** The session as it is now, undefined before the first login. */
  current(): StoredSession | undefined;
  /** A session whose token is not about to expire: the present one, or one by refresh or login. */
  fresh(): Promise<StoredSession>;
  /** A session other than `refused`, whose token the server did not take. */
  after(refused: StoredSession): Promise<StoredSession>;
  /** Logs in anew, whoever was logged in before. */
  login(): Promise<StoredSession & { isNew: boolean }>;
  /** Forgets the session here. */
  forget(): void;
  /** Forgets the session here and ends it on the server, if that can be reached. */
  logout(): Promise<void>;
}

/** A token that lives no longer than this is exchanged before it is used. */
const marginMs = 30_000;

export function createSession(wx: Wx, baseUrl: string, storageKey: string, patience: Patience): Session {
  let renewing: Promise<StoredSession> | undefined;

  /** Of a device whose storage is full: it is good until the app is killed, then `wx.login` makes another. */
  let unstored: StoredSession | undefined;

  const current = (): StoredSession | undefined => {
    if (unstored !== undefined) return unstored;
    const stored = wx.getStorageSync(storageKey) as Partial<StoredSession> | "" | null | undefined;
    return stored && typeof stored.accessToken === "string" ? (stored as StoredSession) : undefined;
  };
  const keep = <Kept extends StoredSession>(session: Kept): Kept => {
    const { accessToken, refreshToken, expiresAt, readerId } = session;
    unstored = { accessToken, refreshToken, expiresAt, readerId };
    try {
      wx.setStorageSync(storageKey, unstored);
      unstored = undefined;
    } catch {
      // What is there is of before: its refresh token was used.
      wx.removeStorageSync(storageKey);
    }
    return session;
  };
  const forget = () => {
    unstored = undefined;
    wx.removeStorageSync(storageKey);
  };
  const post = async (path: string, body: unknown, own: Patience) =>
    (await exchange(wx, { method: "POST", url: baseUrl + path, header: {}, body }, own)).body;

  /** All calls that need another token at the same time wait for one renewal. */
  const renew = (known: StoredSession | undefined): Promise<StoredSession> => {
    if (renewing === undefined) {
      const done = () => {
        renewing = undefined;
      };
      renewing = known === undefined ? login() : refresh(known);
      renewing.then(done, done);
    }
    return renewing;
  };

  const refresh = async (known: StoredSession): Promise<StoredSession> => {
    try {
      const { refreshToken } = known;
      const answer = (await post("/v1/auth/refresh", { refreshToken }, patience)) as PostAuthRefreshAnswer;
      return keep({ ...tokensOf(answer), readerId: known.readerId });
    } catch (error) {
      const { code, status } = error as HeimaError;
      if (code === "reader_erased") forget();
      // The server does not take the refresh token: WeChat still knows who the reader is.
      else if (status === 401 || status === 400) return login();
      throw error;
    }
  };

  const login = async (): Promise<StoredSession & { isNew: boolean }> => {
    for (let attempt = 1; ; attempt++) {
      try {
        // A code works once, so each try has its own, and none is sent twice.
        const code = await newCode(wx, patience.timeoutMs);
        const answer = (await post("/v1/auth/wechat", { code }, { ...patience, tries: 1 })) as PostAuthWechatAnswer;
        return keep({ ...tokensOf(answer), readerId: answer.reader.id, isNew: answer.reader.isNew });
      } catch (error) {
        const { status, code } = error as HeimaError;
        const passes = code === "network_error" || status === 502 || status === 503 || code === "wechat_code_used";
        if (!passes || attempt >= patience.tries) throw error;
      }
    }
  };

  return {
    current,
    login,
    fresh() {
      const known = current();
      return known !== undefined && known.expiresAt > Date.now() + marginMs ? Promise.resolve(known) : renew(known);
    },
    after(refused) {
      const known = current();
      // Another call may have renewed it while this one was under way.
      return known !== undefined && known.accessToken !== refused.accessToken ? Promise.resolve(known) : renew(known);
    },
    forget,
    async logout() {
      const known = current();
      forget();
      if (known !== undefined) {
        await post("/v1/auth/logout", { refreshToken: known.refreshToken }, patience).catch(() => undefined);
      }
    },
  };
}

function tokensOf({ accessToken, refreshToken, expiresIn }: PostAuthRefreshAnswer) {
  return { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1_000 };
}

function newCode(wx: Wx, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.login({
      timeout,
      success: ({ code }) => (code ? resolve(code) : reject(new HeimaError("login_failed", "wx.login gave no code"))),
      fail: ({ errMsg }) => reject(new HeimaError("login_failed", errMsg)),
    });
  });
}
