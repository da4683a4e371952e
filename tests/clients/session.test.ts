import { afterEach, describe, expect, test, vi } from "vitest";
import { HeimaError } from "../../clients/miniprogram/src/index.ts";
import { deviceBefore, held, loggedInAs, ok, problem, sessionOf, tokens } from "./deviceBefore.ts";
import type { Fate } from "./wxShim.ts";

const login = "POST /v1/auth/wechat";
const refresh = "POST /v1/auth/refresh";
const logout = "POST /v1/auth/logout";
const me = "GET /v1/me";
const search = { query: { q: "红楼梦" } };

describe("a session that ended", () => {
  test("is not brought back by a refresh that was under way, and who waited for it sends nothing", async () => {
    const late = held();
    const { client, asked, storage, logins } = deviceBefore({ [refresh]: [late.handler] }, sessionOf("A", 0));
    const sending = client.send(me);
    await late.asked;
    await client.logout();
    late.answer(ok(tokens("A")));
    await expect(sending).rejects.toMatchObject({ code: "logged_out" });
    expect([client.readerId(), storage.has("heima.session"), logins]).toEqual([undefined, false, []]);
    expect(asked).toEqual([refresh, logout]);
  });

  test("nor by a login that was, which makes no other try", async () => {
    for (const answer of [loggedInAs("A"), problem(503, "dependency_unavailable")]) {
      const late = held();
      const { client, asked, logins } = deviceBefore({ [login]: [late.handler] });
      const sending = client.login();
      await late.asked;
      await client.logout();
      late.answer(answer);
      await expect(sending).rejects.toMatchObject({ code: "logged_out" });
      expect([client.readerId(), asked, logins]).toEqual([undefined, [login], ["code1"]]);
    }
  });

  test("nor by one whose code comes from WeChat only then: nothing is sent that makes a new reader", async () => {
    for (const operation of ["DELETE /v1/me", logout] as const) {
      const device = deviceBefore({ "DELETE /v1/me": [() => ok({ state: "erasing" })] }, sessionOf("A"));
      let give = () => {};
      device.wx.login = ({ success }) => {
        give = () => success({ code: "late" });
      };
      const loggingIn = device.client.login();
      await (operation === logout ? device.client.logout() : device.client.send(operation));
      give();
      await expect(loggingIn).rejects.toMatchObject({ code: "logged_out" });
      expect([device.asked, device.client.readerId()]).toEqual([[operation], undefined]);
    }
  });

  test("is not started again because its token is no longer accepted", async () => {
    for (const refused of [refresh, me]) {
      const late = held();
      const session = sessionOf("A", refused === refresh ? 0 : undefined);
      const { client, logins } = deviceBefore({ [refused]: [late.handler] }, session);
      const sending = client.send(me);
      await late.asked;
      await client.logout();
      late.answer(problem(401, "token_expired"));
      await expect(sending).rejects.toMatchObject({ code: "logged_out" });
      expect(logins).toEqual([]);
    }
  });

  test("does not take with it the one of the reader who has logged in since", async () => {
    const erasures = [ok({ state: "erasing" }), problem(401, "reader_erased"), problem(401, "token_expired")];
    for (const answer of erasures) {
      const late = held();
      const handlers = { "DELETE /v1/me": [late.handler], [login]: [() => loggedInAs("B")] };
      const { client, asked } = deviceBefore(handlers, sessionOf("A"));
      const sending = client.send("DELETE /v1/me").catch((error: HeimaError) => error.code);
      await late.asked;
      await client.logout();
      await client.login();
      late.answer(answer);
      await sending;
      expect(client.readerId()).toBe("B");
      expect(asked.filter((one) => one === "DELETE /v1/me")).toHaveLength(1);
    }
  });

  test("leaves no token of what its reader wrote to the one who comes after an erasure", async () => {
    const written = { status: 200, body: {}, header: { "Consistency-Token": "of A" } };
    const handlers = {
      "POST /v1/shelf/undo": [() => written],
      "DELETE /v1/me": [() => ok({ state: "erasing" })],
      [login]: [() => loggedInAs("B")],
    };
    const { client, requests } = deviceBefore(handlers, sessionOf("A"));
    await client.send("POST /v1/shelf/undo");
    await client.send(me);
    expect(requests.at(-1)?.header["Consistency-Token"]).toBe("of A");
    await client.send("DELETE /v1/me");
    await client.send("GET /v1/books");
    await client.send(me);
    expect(requests.slice(-3).map(({ header }) => header["Consistency-Token"])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("leaves nothing for the next reader's queries to wait for", async () => {
    const late = held();
    const operation = "POST /v1/shelf/undo";
    const { client, requests } = deviceBefore({ [operation]: [late.handler] }, sessionOf("A"));
    const sending = client.send(operation);
    await late.asked;
    await client.logout();
    late.answer({ status: 200, body: {}, header: { "Consistency-Token": "of A" } });
    await sending;
    await client.send("GET /v1/books");
    expect(requests.at(-1)?.header["Consistency-Token"]).toBeUndefined();
  });
});

test("a login joins the one that is under way, and another reader's ends the refresh of the one before", async () => {
  const [first, second] = [held(), held()];
  const { client, logins } = deviceBefore({ [login]: [first.handler] });
  const both = [client.send(me), client.login()];
  await first.asked;
  first.answer(loggedInAs("A"));
  await Promise.all(both);
  expect(logins).toHaveLength(1);

  const other = deviceBefore({ [refresh]: [second.handler], [login]: [() => loggedInAs("B")] }, sessionOf("A", 0));
  const sending = other.client.send(me);
  await second.asked;
  await other.client.login();
  second.answer(ok(tokens("A")));
  await expect(sending).rejects.toMatchObject({ code: "reader_changed" });
  expect(other.client.readerId()).toBe("B");
});

describe("a request for one reader", () => {
  test("never logs in: not when nobody is logged in, and not when the session is at its end", async () => {
    const nobody = deviceBefore({ [login]: [() => loggedInAs("A")] });
    await expect(nobody.client.send(me, { onlyAs: "A" })).rejects.toMatchObject({ code: "logged_out" });
    const handlers = { [login]: [() => loggedInAs("B")], [refresh]: [() => problem(401, "refresh_token_invalid")] };
    const ended = deviceBefore(handlers, sessionOf("A", 0));
    await expect(ended.client.send(me, { onlyAs: "A" })).rejects.toMatchObject({ code: "logged_out" });
    await expect(ended.client.send(me, { onlyAs: "C" })).rejects.toMatchObject({ code: "reader_changed" });
    expect([nobody.asked, ended.asked, ended.logins]).toEqual([[], [refresh], []]);
  });

  test("is not sent, and logs nobody in, when the reader that it names is nobody", async () => {
    for (const session of [undefined, sessionOf("A")]) {
      const device = deviceBefore({ [login]: [() => loggedInAs("A")] }, session);
      const sending = device.client.send(me, { onlyAs: undefined });
      await expect(sending).rejects.toMatchObject({ code: "logged_out" });
      expect([device.asked, device.logins]).toEqual([[], []]);
    }
  });
});

describe("a search", () => {
  test("never logs in, and needs no session that can be refreshed", async () => {
    const refusals: Fate[] = [
      problem(401, "refresh_token_expired"),
      problem(401, "reader_erased"),
      problem(503, "dependency_unavailable"),
    ];
    for (const refusal of refusals) {
      for (const expiresAt of [0, undefined]) {
        const handlers = {
          [refresh]: [() => refusal],
          "GET /v1/search": [
            ({ header }: { header: object }) => ("Authorization" in header ? problem(401, "token_expired") : ok({})),
          ],
        };
        const { client, logins } = deviceBefore(handlers, sessionOf("A", expiresAt));
        const { readerId } = await client.exchange("GET /v1/search", search);
        expect([readerId, logins]).toEqual([undefined, []]);
      }
    }
  });
});

describe("a login", () => {
  afterEach(() => void vi.useRealTimers());

  test("is reported when the reader is known, whoever began it; a refresh is not", async () => {
    const handlers = { [login]: [() => loggedInAs("A"), () => loggedInAs("B")], [refresh]: [() => ok(tokens("A"))] };
    const device = deviceBefore(handlers);
    const told: unknown[] = [];
    device.client.onLogin(() => told.push(device.client.readerId()));
    await device.client.send(me);
    device.storage.set("heima.session", sessionOf("A", 0));
    await device.client.send(me);
    expect([device.asked, told]).toEqual([[login, me, refresh, me], ["A"]]);
    await device.client.login();
    expect(told).toEqual(["A", "B"]);
  });

  test("has the patience of every request: it waits as long as the server asks, with a new code", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const away = () => problem(503, "dependency_unavailable", { "Retry-After": "1" });
    const busy = () => problem(429, "too_many_requests", { "Retry-After": "2" });
    const handlers = { [login]: [away, busy, () => ({ status: 504, body: "<html>" }), () => loggedInAs("A")] };
    const { client, requests } = deviceBefore(handlers);
    const loggingIn = client.login();
    const codesAfter = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms);
      return requests.map(({ data }) => (JSON.parse(data as string) as { code: string }).code);
    };
    expect(await codesAfter(999)).toEqual(["code1"]);
    expect(await codesAfter(1_999)).toEqual(["code1", "code2"]);
    expect(await codesAfter(1)).toEqual(["code1", "code2"]);
    expect(await codesAfter(1)).toEqual(["code1", "code2", "code3"]);
    expect(await codesAfter(1_000)).toEqual(["code1", "code2", "code3", "code4"]);
    expect(await loggingIn).toMatchObject({ readerId: "A" });
  });
});

describe("a success that is not the API's", () => {
  const page = () => ok("<html>Please log in to the Wi-Fi</html>");

  test("is no success: the request is sent again, and is an error in the end", async () => {
    const operation = "PUT /v1/shelf/abcdefghij01";
    const once = deviceBefore({ [operation]: [page, () => ok({ events: [] })] }, sessionOf("A"));
    const input = { params: { bookId: "abcdefghij01" } };
    expect(await once.client.send("PUT /v1/shelf/{bookId}", input)).toEqual({ events: [] });
    expect(new Set(once.requests.map(({ header }) => header["Idempotency-Key"]))).toHaveLength(1);
    const always = deviceBefore({ [operation]: [page] }, sessionOf("A"));
    const failing = always.client.send("PUT /v1/shelf/{bookId}", input);
    await expect(failing).rejects.toMatchObject({ code: "unexpected_answer", status: 200 });
    expect(always.asked).toHaveLength(4);
  });

  test("does not make a session, or replace one", async () => {
    for (const answer of [page, () => ok({ errcode: 0 }), () => ok(null)]) {
      const nobody = deviceBefore({ [login]: [answer] });
      const failing = nobody.client.login();
      await expect(failing).rejects.toBeInstanceOf(HeimaError);
      await expect(failing).rejects.toMatchObject({ code: "unexpected_answer" });
      const session = sessionOf("A", 0);
      const reader = deviceBefore({ [refresh]: [answer] }, session);
      await expect(reader.client.send(me)).rejects.toMatchObject({ code: "unexpected_answer" });
      expect([nobody.client.readerId(), reader.storage.get("heima.session")]).toEqual([undefined, session]);
    }
  });
});
