import type { Wx } from "./wx.js";

/** A value that outlives the mini-program, under one key of the storage: at most 1 MB, as JSON. */
export interface Stored<Value> {
  /** What is there, undefined if nothing that can be read is. */
  read(): Value | undefined;
  /** Resolves when the value, or a later one, is stored. Rejects with what WeChat says, of a full storage say. */
  write(value: Value): Promise<void>;
}

/** One write goes on at a time; of the values that come meanwhile only the last is written. */
export function storedUnder<Value>(wx: Wx, key: string): Stored<Value> {
  let writing: Promise<void> | undefined;
  let latest = "";
  let following: Promise<void> | undefined;

  const put = () =>
    new Promise<void>((resolve, reject) => {
      wx.setStorage({ key, data: latest, success: resolve, fail: ({ errMsg }) => reject(new Error(errMsg)) });
    });
  /** Writes what is the latest when its turn comes. */
  const begin = (): Promise<void> => {
    following = undefined;
    const own = put();
    const done = () => {
      if (writing === own && following === undefined) writing = undefined;
    };
    own.then(done, done);
    writing = own;
    return own;
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
      latest = JSON.stringify(value);
      if (writing === undefined) return begin();
      if (following === undefined) following = writing.then(begin, begin);
      return following;
    },
  };
}
