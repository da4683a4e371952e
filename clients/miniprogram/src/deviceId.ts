import { uuid } from "./uuid.js";
import type { Wx } from "./wx.js";

/** The name of this device, made once; while the storage is full, once for each start. */
export function deviceIdUnder(wx: Wx, key: string): string {
  const known = wx.getStorageSync(key);
  if (typeof known === "string" && known !== "") return known;
  const made = uuid();
  try {
    wx.setStorageSync(key, made);
  } catch {
    // Places are reported all the same.
  }
  return made;
}
