import { describe, expect, test } from "vitest";
import { storedUnder } from "../../clients/miniprogram/src/storage.ts";
import { wxShim } from "./wxShim.ts";

describe("a stored value that is removed", () => {
  const shimOf = () => wxShim({ login: () => Promise.reject(new Error("no login")) });

  test("is gone, though it was being written and others waited", async () => {
    const { wx, storage } = shimOf();
    const stored = storedUnder<number>(wx, "key");
    await Promise.all([stored.write(1), stored.write(2), stored.remove()]);
    expect([storage.has("key"), stored.read()]).toEqual([false, undefined]);
  });

  test("is gone although the next one, which came before its turn, cannot be stored", async () => {
    const { wx, storage } = shimOf();
    const stored = storedUnder<number>(wx, "key");
    await stored.write(1);
    wx.setStorage = ({ fail }) => setImmediate(() => fail({ errMsg: "full" }));
    const writes = [stored.write(2), stored.remove(), stored.write(3)];
    for (const one of await Promise.allSettled(writes)) expect(one.status).toBe("rejected");
    expect(storage.has("key")).toBe(false);
  });

  test("makes place for the next one, and needs not be there", async () => {
    const { wx, storage } = shimOf();
    const stored = storedUnder<number>(wx, "key");
    wx.removeStorage = ({ fail }) => setImmediate(() => fail({ errMsg: "removeStorage:fail data not found" }));
    await stored.remove();
    await Promise.all([stored.write(1), stored.remove(), stored.write(3)]);
    expect([storage.get("key"), stored.read()]).toEqual(["3", 3]);
  });
});
