import type { Wx } from "./wx.js";

/** A value that outlives the mini-program, under one key of the storage: at most 1 MB, as JSON. */
export interface Stored<Value> {
  /** What is there, undefined if nothing that can be read is. */
  read(): Value | undefined;
  /**
   * Resolves when the value, or a later one, is stored. Rejects with what WeChat says, of a full storage say: then what was there before
   * stays, unless it was removed.
   */
  write(value: Value): Promise<void>;
  /** Removes what is there, which needs no space. Resolves when it is gone, and a value that came meanwhile is stored; rejects as `write` does. */
  remove(): Promise<void>;
}

/** What one turn does: removes what is there, writes a value, or both in this order. */
interface Turn {
  removes: boolean;
  json: string | undefined;
}

/** One turn goes on at a time; of the values that come meanwhile only the last is written, and a removal is never left out. */
export function storedUnder<Value>(wx: Wx, key: string): Stored<Value> {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  let next: Turn = { removes: false, json: undefined };

  const put = (data: string) =>
    new Promise<void>((resolve, reject) => {
      wx.setStorage({ key, data, success: resolve, fail: ({ errMsg }) => reject(new Error(errMsg)) });
    });
  /** Whether there is nothing to remove. A storage that cannot be read may hold something. */
  const isAbsent = () => {
    try {
      return wx.getStorageSync(key) === "";
    } catch {
      return false;
    }
  };
  const removeNow = () =>
    new Promise<void>((resolve, reject) => {
      wx.removeStorage({
        key,
        success: resolve,
        fail: ({ errMsg }) => (isAbsent() ? resolve() : reject(new Error(errMsg))),
      });
    });
  const run = ({ removes, json }: Turn): Promise<void> => {
    if (json === undefined) return removeNow();
    const write = () => put(json);
    return removes ? removeNow().then(write, write) : write();
  };
  /** Does what has come until its turn comes. */
  const begin = (): Promise<void> => {
    following = undefined;
    const own = run(next);
    next = { removes: false, json: undefined };
    const done = () => {
      if (running === own && following === undefined) running = undefined;
    };
    own.then(done, done);
    running = own;
    return own;
  };
  const inTurn = (): Promise<void> => {
    if (running === undefined) return begin();
    if (following === undefined) following = running.then(begin, begin);
    return following;
  };

  return {
    read() {
      const json = wx.getStorageSync(key);
      if (typeof json !== "string" || json === "") return undefined;
      try {
        return JSON.parse(json) as Value;
      } catch {
        return undefined;
      }
    },
    write(value) {
      next.json = JSON.stringify(value);
      return inTurn();
    },
    remove() {
      next = { removes: true, json: undefined };
      return inTurn();
    },
  };
}
