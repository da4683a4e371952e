import { describe, expect, test } from "vitest";
import { deviceBefore, loggedInAs, ok, problem, sessionOf } from "./deviceBefore.ts";

const login = "POST /v1/auth/wechat";
const me = "GET /v1/me";
const everywhere = "POST /v1/auth/logout-everywhere";
const oneLogin = "DELETE /v1/me/logins/{id}";

describe("a request of the app that ends the login of this device", () => {
  const endings = [
    [everywhere, ({ client }) => client.send(everywhere)],
    ["DELETE /v1/me", ({ client }) => client.send("DELETE /v1/me")],
    ["DELETE /v1/me/logins/1", ({ client }) => client.send(oneLogin, { params: { id: "1" } })],
    ["POST /v1/auth/logout", ({ client }) => client.send("POST /v1/auth/logout", { body: { refreshToken: "r" } })],
  ] as const satisfies [string, (device: ReturnType<typeof deviceBefore>) => Promise<unknown>][];
  const answers = {
    [everywhere]: [() => ok({ ended: 2 })],
    "DELETE /v1/me": [() => ok({ state: "erasing" })],
    "DELETE /v1/me/logins/1": [() => ok({ current: true })],
    "DELETE /v1/me/logins/2": [() => ok({ current: false })],
    [login]: [() => loggedInAs("A")],
  };

  test("ends the session here too, and the next request logs in", async () => {
    for (const [operation, end] of endings) {
      const device = deviceBefore(answers, sessionOf("A"));
      await end(device);
      expect([device.client.readerId(), device.storage.has("heima.session")]).toEqual([undefined, false]);
      await device.client.send(me);
      expect(device.asked).toEqual([operation, login, me]);
    }
  });

  test("keeps the session if the server refuses it", async () => {
    for (const [operation, end] of endings) {
      const device = deviceBefore({ [operation]: [() => problem(500, "internal_error")] }, sessionOf("A"));
      await expect(end(device)).rejects.toMatchObject({ code: "internal_error" });
      expect(device.client.readerId()).toBe("A");
    }
  });

  test("keeps the session if it ended the login of another device", async () => {
    const device = deviceBefore(answers, sessionOf("A"));
    await device.client.send(oneLogin, { params: { id: "2" } });
    await device.client.send("POST /v1/auth/logout", { body: { refreshToken: "another" } });
    expect(device.client.readerId()).toBe("A");
  });
});
