import type { Wx, WxRequest } from "../../clients/miniprogram/src/wx.ts";

/** What a test does to a request: `lost` before it was sent, `unheard` after the server has executed it. */
export type Fate = "lost" | "unheard" | "sent" | { status: number; body: unknown; header?: Record<string, string> };

/**
 * The part of `wx` that the client uses, over the fetch of Node: callbacks; `success` for any status; headers as the server
 * spells them; JSON parsed whatever its type. `fateOf` decides on each request; `sent` lists them.
 */
export function wxShim(options: {
  login: () => Promise<string>;
  fateOf?: (request: WxRequest) => Fate | Promise<Fate>;
  /** The storage of an earlier run of the app on this device. */
  storage?: Map<string, unknown>;
}) {
  const storage = options.storage ?? new Map<string, unknown>();
  let killed = false;
  const listeners = { hide: [] as (() => void)[], show: [] as (() => void)[], online: [] as (() => void)[] };
  const sent: { method: string; path: string; header: Record<string, string> }[] = [];
  const logins: string[] = [];
  const fateOf = options.fateOf ?? (() => "sent" as const);

  const request = async (request: WxRequest) => {
    const { url, method, header, data, success, fail } = request;
    if (killed) return;
    sent.push({ method, path: new URL(url).pathname, header });
    const fate = await fateOf(request);
    if (killed) return;
    if (fate === "lost") return fail({ errMsg: "request:fail" });
    if (typeof fate === "object") {
      return success({ statusCode: fate.status, data: fate.body, header: fate.header ?? {} });
    }
    const response = await fetch(url, { method, headers: header, ...(data === undefined ? {} : { body: data }) });
    const text = await response.text();
    if (killed) return;
    if (fate === "unheard") return fail({ errMsg: "request:fail timeout" });
    success({ statusCode: response.status, data: parsed(text), header: Object.fromEntries(response.headers) });
  };

  const wx: Wx = {
    request: (given) => void request(given).catch((error: Error) => given.fail({ errMsg: error.message })),
    login({ success, fail }) {
      options.login().then(
        (code) => {
          logins.push(code);
          success({ code });
        },
        (error: Error) => fail({ errMsg: error.message }),
      );
    },
    // For a missing key WeChat returns an empty string.
    getStorageSync: (key) => (storage.has(key) ? structuredClone(storage.get(key)) : ""),
    setStorageSync: (key, value) => void storage.set(key, structuredClone(value)),
    removeStorageSync: (key) => void storage.delete(key),
    setStorage({ key, data, success }) {
      const value = structuredClone(data);
      setImmediate(() => {
        if (killed) return;
        storage.set(key, value);
        success();
      });
    },
    removeStorage({ key, success }) {
      setImmediate(() => {
        if (killed) return;
        storage.delete(key);
        success();
      });
    },
    onAppHide: (listener) => void listeners.hide.push(listener),
    onAppShow: (listener) => void listeners.show.push(listener),
    onNetworkStatusChange: (listener) => void listeners.online.push(() => listener({ isConnected: true })),
  };
  return {
    wx,
    sent,
    logins,
    storage,
    /** The app goes to the background, comes back, or gets a network. */
    happens(what: keyof typeof listeners) {
      for (const listener of listeners[what]) listener();
    },
    /** WeChat ends the app: what it has not stored is lost, and no answer reaches it. */
    kill() {
      killed = true;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
