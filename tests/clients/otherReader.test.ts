import { describe, expect, test } from "vitest";
import { deviceBefore, held, loggedInAs, ok, problem, sessionOf } from "./deviceBefore.ts";

const login = "POST /v1/auth/wechat";
const refresh = "POST /v1/auth/refresh";
const shelved = "PUT /v1/shelf/abcdefghij01";
const me = "GET /v1/me";
const book = { params: { bookId: "abcdefghij01" } };
const refused = () => problem(401, "refresh_token_invalid");
const expired = () => problem(401, "token_expired");
const done = () => ok({ events: [] });

describe("a request that was begun as one reader", () => {
  const authorizations = (device: ReturnType<typeof deviceBefore>, operation: string) =>
    device.requests.filter((_, index) => device.asked[index] === operation).map(({ header }) => header.Authorization);

  test("is not sent as the reader whom its own login brings when the session has ended", async () => {
    const handlers = { [refresh]: [refused], [login]: [() => loggedInAs("B")], [shelved]: [done] };
    const device = deviceBefore(handlers, sessionOf("A", 0));
    const shelving = device.client.send("PUT /v1/shelf/{bookId}", book);
    await expect(shelving).rejects.toMatchObject({ code: "reader_changed" });
    expect([device.asked, device.client.readerId()]).toEqual([[refresh, login], "B"]);
    await device.client.send("PUT /v1/shelf/{bookId}", book);
    expect(authorizations(device, shelved)).toEqual(["Bearer B access"]);
  });

  test("is not repeated as that reader when its token was refused", async () => {
    const handlers = { [refresh]: [refused], [login]: [() => loggedInAs("B")], [shelved]: [expired, done] };
    const device = deviceBefore(handlers, sessionOf("A"));
    const shelving = device.client.send("PUT /v1/shelf/{bookId}", book);
    await expect(shelving).rejects.toMatchObject({ code: "reader_changed" });
    expect(authorizations(device, shelved)).toEqual(["Bearer a"]);
  });

  test("is not sent as that reader by a login that the app or another request has under way", async () => {
    for (const begins of ["login", "request"] as const) {
      const late = held();
      const handlers = { [refresh]: [refused], [login]: [late.handler], [shelved]: [done] };
      const device = deviceBefore(handlers, sessionOf("A", 0));
      const first = begins === "login" ? device.client.login() : device.client.send(me).catch(({ code }) => code);
      await late.asked;
      const shelving = device.client.send("PUT /v1/shelf/{bookId}", book);
      const ending = expect(shelving).rejects.toMatchObject({ code: "reader_changed" });
      late.answer(loggedInAs("B"));
      await ending;
      expect(await first).toEqual(begins === "login" ? { readerId: "B", isNew: false } : "reader_changed");
      expect(authorizations(device, shelved)).toEqual([]);
    }
  });

  test("is repeated as the reader whom a login of the same reader brings", async () => {
    const handlers = { [refresh]: [refused], [login]: [() => loggedInAs("A")], [shelved]: [expired, done] };
    const device = deviceBefore(handlers, sessionOf("A"));
    await device.client.send("PUT /v1/shelf/{bookId}", book);
    expect(authorizations(device, shelved)).toEqual(["Bearer a", "Bearer A access"]);
  });

  test("is repeated only as the reader as whom it was sent, also when nobody was logged in before", async () => {
    const logins = [() => loggedInAs("A"), () => loggedInAs("B")];
    const device = deviceBefore({ [refresh]: [refused], [login]: logins, [shelved]: [expired, done] });
    const shelving = device.client.send("PUT /v1/shelf/{bookId}", book);
    await expect(shelving).rejects.toMatchObject({ code: "reader_changed" });
    expect(authorizations(device, shelved)).toEqual(["Bearer A access"]);
  });
});
