import { describe, expect, test } from "vitest";
import { createLocalCopy } from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { deviceBefore, held, loggedInAs, ok, problem, sessionOf } from "./deviceBefore.ts";

const login = "POST /v1/auth/wechat";
const refresh = "POST /v1/auth/refresh";
const changes = "GET /v1/changes";
const sinceOf = ({ url }: WxRequest) => new URL(url).searchParams.get("since");
const books = (...keys: string[]) => keys.map((key) => ({ kind: "book", key, value: { order: key } }));
const page = (token: string, items: unknown[], more = false) => ok({ items, token, more });

describe("a copy", () => {
  test("that is cleared during a sync is not filled by its answer, and starts from scratch", async () => {
    const late = held();
    const handlers = {
      [login]: [() => loggedInAs("B")],
      [changes]: [() => page("t1", books("b1", "b2")), late.handler, () => page("t3", books("b9"))],
    };
    const device = deviceBefore(handlers, sessionOf("A"));
    const copy = createLocalCopy(device);
    await copy.sync();
    const syncing = copy.sync();
    await late.asked;
    await Promise.all([device.client.logout(), copy.clear()]);
    expect([...copy.all("book").keys()]).toEqual([]);
    const next = copy.sync();
    late.answer(page("t2", books("b3"), true));
    await Promise.all([syncing, next]);
    const asked = device.requests.filter(({ url }) => url.includes("/changes"));
    expect(asked.map(sinceOf)).toEqual([null, "t1", null]);
    for (const one of [copy, createLocalCopy(device)]) expect([...one.all("book").keys()]).toEqual(["b9"]);
    expect(JSON.parse(device.storage.get("heima.copy") as string)).toEqual({ token: "t3", readerId: "B" });
  });

  test("that is cleared while an answer is being stored stays empty", async () => {
    const device = deviceBefore({ [changes]: [() => page("t1", books("b1"))] }, sessionOf("A"));
    const copy = createLocalCopy(device);
    const { setStorage } = device.wx;
    let clearing: Promise<void> | undefined;
    device.wx.setStorage = (options) => {
      if (options.key === "heima.copy.book" && clearing === undefined && String(options.data).includes("b1")) {
        clearing = copy.clear();
      }
      return setStorage(options);
    };
    await copy.sync();
    await clearing;
    for (const one of [copy, createLocalCopy(device)]) expect([...one.all("book").keys()]).toEqual([]);
    expect(device.storage.has("heima.copy")).toBe(false);
  });

  test("whose reader logs out between two pages, or at a token that has expired, logs nobody in", async () => {
    for (const answer of [page("t2", books("b2"), true), problem(410, "token_expired")]) {
      const late = held();
      const handlers = { [login]: [() => loggedInAs("B")], [changes]: [() => page("t1", books("b1")), late.handler] };
      const device = deviceBefore(handlers, sessionOf("A"));
      const copy = createLocalCopy(device);
      await copy.sync();
      const syncing = copy.sync();
      await late.asked;
      await device.client.logout();
      late.answer(answer);
      await expect(syncing).rejects.toMatchObject({ code: expect.stringMatching(/^(logged_out|token_expired)$/) });
      expect(device.logins).toEqual([]);
    }
  });

  test("of another reader starts from scratch, whether that one is known before the request or after it", async () => {
    for (const isKnown of [true, false]) {
      const pages = isKnown ? [] : [() => page("t8", [])];
      const handlers = { [login]: [() => loggedInAs("B")], [changes]: [...pages, () => page("t9", books("b9"))] };
      const device = deviceBefore(handlers);
      device.storage.set("heima.copy", JSON.stringify({ token: "t1", readerId: "A" }));
      device.storage.set("heima.copy.book", JSON.stringify([["b1", {}]]));
      const copy = createLocalCopy(device);
      expect([...copy.all("book").keys()]).toEqual(["b1"]);
      if (isKnown) await device.client.login();
      await copy.sync();
      const asked = device.requests.filter(({ url }) => url.includes("/changes"));
      expect(asked.map(sinceOf)).toEqual(isKnown ? [null] : ["t1", null]);
      expect([...copy.all("book").keys()]).toEqual(["b9"]);
    }
  });

  test("becomes that of the reader whose login follows a session that has ended, and no token of the one before is sent", async () => {
    for (const token of ["t1", undefined]) {
      const refused = () => problem(401, "refresh_token_invalid");
      const handlers = {
        [refresh]: [refused],
        [login]: [() => loggedInAs("B")],
        [changes]: [() => page("t9", books("b9"))],
      };
      const device = deviceBefore(handlers, sessionOf("A", 0));
      if (token !== undefined) device.storage.set("heima.copy", JSON.stringify({ token, readerId: "A" }));
      device.storage.set("heima.copy.book", JSON.stringify([["b1", {}]]));
      const copy = createLocalCopy(device);
      await copy.sync();
      expect(device.asked).toEqual([refresh, login, changes]);
      expect([sinceOf(device.requests.at(-1)!), [...copy.all("book").keys()]]).toEqual([null, ["b9"]]);
    }
  });

  test("that another reader has begun to fill logs nobody in when that one logs out at once", async () => {
    const device = deviceBefore(
      { [login]: [() => loggedInAs("C")], [changes]: [() => page("t9", [])] },
      sessionOf("B"),
    );
    device.storage.set("heima.copy", JSON.stringify({ token: "t1", readerId: "A" }));
    const copy = createLocalCopy(device);
    const syncing = copy.sync();
    await Promise.all([device.client.logout(), expect(syncing).rejects.toMatchObject({ code: "logged_out" })]);
    expect([device.asked, device.logins]).toEqual([["POST /v1/auth/logout"], []]);
  });

  test("without the reader of its token is none", async () => {
    const device = deviceBefore({ [changes]: [() => page("t9", books("b9"))] }, sessionOf("A"));
    device.storage.set("heima.copy", JSON.stringify({ token: "t1" }));
    device.storage.set("heima.copy.book", JSON.stringify([["b1", {}]]));
    const copy = createLocalCopy(device);
    expect(copy.all("book").size).toBe(0);
    await copy.sync();
    expect([device.requests.map(sinceOf), [...copy.all("book").keys()]]).toEqual([[null], ["b9"]]);
  });
});
