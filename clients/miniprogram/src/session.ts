import type { PostAuthRefreshAnswer, PostAuthWechatAnswer } from "./api.js";
import { HeimaError } from "./errors.js";
import { oneAtATime } from "./oneAtATime.js";
import { type Patience, type Sent, sendWithRetries } from "./sendWithRetries.js";
import { tell } from "./tell.js";
import type { Wx } from "./wx.js";

/** What is kept between starts of the mini-program. Tokens are secrets of the reader: they stay in its storage. */
export interface StoredSession {
  accessToken: string;
  refreshToken: string;
  /** Milliseconds since 1970, by this device's clock. */
  expiresAt: number;
  readerId: string;
}

export type NewSession = StoredSession & { isNew: boolean };

/**
 * A login or refresh that a logout, an erasure or the login of another reader overtakes ends with `logged_out` or `reader_changed`, or
 * with the present session if that is of the same reader.
 */
export interface Session {
  /** The session as it is now, undefined before the first login. */
  current(): StoredSession | undefined;
  /**
   * A session whose token is not about to expire: the present one, or one by refresh, or by login if it may. Who may not log in waits for
   * a login that is under way, and gets `logged_out` if the session has ended. While somebody is logged in, it is that reader's: if the
   * login is another's, it ends with `reader_changed`.
   */
  fresh(mayLogIn: boolean): Promise<StoredSession>;
  /** A session of the same reader other than `refused`, whose token the server did not take; got as by `fresh`. */
  after(refused: StoredSession, mayLogIn: boolean): Promise<StoredSession>;
  /** Logs in anew, whoever was logged in before. */
  login(): Promise<NewSession>;
  /** Calls it after each login, when the session is there; not after a refresh. */
  onLogin(listener: () => void): void;
  /** Forgets the session here if it is this reader's. */
  forget(readerId: string): void;
  /** Forgets the session here and ends it on the server, if that can be reached. */
  logout(): Promise<void>;
}

/** A token that lives no longer than this is renewed before it is used. */
const marginMs = 30_000;

/**
 * The server takes a refresh token for 30 s after its first use; later use counts as theft and ends the login. So that a lost answer does
 * not, the tries of a refresh are short, and the last one arrives within 25 s of the first, whatever patience the app has.
 */
const refreshPatience = ({ timeoutMs, tries, pauseMs }: Patience): Patience => ({
  timeoutMs: Math.min(timeoutMs, 5_000),
  tries,
  pauseMs: Math.min(pauseMs, 1_000),
  lastTryMs: 20_000,
});

export function createSession(wx: Wx, baseUrl: string, storageKey: string, patience: Patience): Session {
  const refreshing = oneAtATime<StoredSession>();
  const loggingIn = oneAtATime<NewSession>();
  const loginListeners: (() => void)[] = [];

  /** Raised by a logout, an erasure and the login of another reader: what was begun before does not change the session any more. */
  let generation = 0;

  /** Of a device whose storage is full: it is good until the app is killed, then `wx.login` makes another. */
  let unstored: StoredSession | undefined;

  /** The refused refresh token; it is not sent again. */
  let refusedToken: string | undefined;

  const current = (): StoredSession | undefined => {
    if (unstored !== undefined) return unstored;
    const stored = wx.getStorageSync(storageKey) as Partial<StoredSession> | "" | null | undefined;
    return stored && typeof stored.accessToken === "string" ? (stored as StoredSession) : undefined;
  };
  const nextGeneration = () => {
    generation++;
    refreshing.leave();
    loggingIn.leave();
  };
  /** The present session, for what was begun for this reader. */
  const presentOf = (readerId: string): StoredSession => {
    const known = current();
    if (known === undefined) throw loggedOut();
    return requireSame(readerId, known);
  };

  const keep = (session: StoredSession, begun: number): StoredSession => {
    if (begun !== generation) return presentOf(session.readerId);
    const known = current();
    if (known !== undefined && known.readerId !== session.readerId) nextGeneration();
    unstored = session;
    try {
      wx.setStorageSync(storageKey, session);
      unstored = undefined;
    } catch {
      // The stored session is outdated: its refresh token was used.
      wx.removeStorageSync(storageKey);
    }
    return session;
  };
  const forgetAll = () => {
    nextGeneration();
    unstored = undefined;
    wx.removeStorageSync(storageKey);
  };
  const post = (path: string, body: unknown): Sent => ({ method: "POST", url: baseUrl + path, header: {}, body });

  const refresh = async ({ refreshToken, readerId }: StoredSession): Promise<StoredSession> => {
    const begun = generation;
    try {
      const { body } = await sendWithRetries(wx, post("/v1/auth/refresh", { refreshToken }), refreshPatience(patience));
      return keep({ ...tokensOf(body as PostAuthRefreshAnswer), readerId }, begun);
    } catch (error) {
      if (begun !== generation) return presentOf(readerId);
      const { code, status } = error as HeimaError;
      if (code === "reader_erased") forgetAll();
      // A proxy's page says nothing about the token.
      else if (code !== "unexpected_answer" && (status === 401 || status === 400)) refusedToken = refreshToken;
      throw error;
    }
  };

  const login = async (): Promise<NewSession> => {
    const begun = generation;
    // After a logout nothing is sent that makes a new reader. Whose login it would have been is not known.
    const requireGeneration = () => {
      if (begun !== generation) throw loggedOut();
    };
    const { body } = await sendWithRetries(
      wx,
      async () => {
        requireGeneration();
        // A code works once, so each try has its own, and none is sent twice.
        const code = await newCode(wx, patience.timeoutMs);
        requireGeneration();
        return post("/v1/auth/wechat", { code });
      },
      patience,
    );
    const answer = body as PostAuthWechatAnswer;
    const session = { ...tokensOf(answer), readerId: answer.reader.id };
    const kept = keep(session, begun);
    if (kept === session) loginListeners.forEach(tell);
    return { ...kept, isNew: answer.reader.isNew };
  };

  /** All calls that need another token at the same time wait for one refresh, and for one login. */
  const renewed = async (known: StoredSession | undefined, mayLogIn: boolean): Promise<StoredSession> => {
    if (known !== undefined) {
      try {
        if (known.refreshToken !== refusedToken) return await refreshing.join(() => refresh(known));
      } catch (error) {
        if (known.refreshToken !== refusedToken) throw error;
      }
      if (!mayLogIn) await loggingIn.ended();
      // A login may have been faster.
      const present = presentOf(known.readerId);
      if (present.refreshToken !== refusedToken) return present;
      // The server does not take the refresh token: WeChat still knows who the reader is.
    }
    if (!mayLogIn) throw loggedOut();
    const session = await loggingIn.join(login);
    // What was begun for one reader is not sent as the next.
    return known === undefined ? session : requireSame(known.readerId, session);
  };

  return {
    current,
    login: () => loggingIn.join(login),
    onLogin: (listener) => void loginListeners.push(listener),
    async fresh(mayLogIn) {
      const known = current();
      return known !== undefined && known.expiresAt > Date.now() + marginMs ? known : renewed(known, mayLogIn);
    },
    async after(refused, mayLogIn) {
      const known = presentOf(refused.readerId);
      // Another call may have renewed it while this one was under way.
      return known.accessToken !== refused.accessToken ? known : renewed(known, mayLogIn);
    },
    forget(readerId) {
      const known = current();
      if (known !== undefined && known.readerId === readerId) forgetAll();
    },
    async logout() {
      const known = current();
      forgetAll();
      if (known !== undefined) {
        const { refreshToken } = known;
        await sendWithRetries(wx, post("/v1/auth/logout", { refreshToken }), patience).catch(() => undefined);
      }
    },
  };
}

function requireSame(readerId: string, session: StoredSession): StoredSession {
  if (session.readerId === readerId) return session;
  throw new HeimaError("reader_changed", "Somebody else has logged in.");
}

const loggedOut = () => new HeimaError("logged_out", "Nobody is logged in, or the session has ended.");

function tokensOf({ accessToken, refreshToken, expiresIn }: PostAuthRefreshAnswer) {
  if (typeof accessToken !== "string" || typeof refreshToken !== "string" || typeof expiresIn !== "number") {
    throw new HeimaError("unexpected_answer", "The answer has no tokens.");
  }
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
