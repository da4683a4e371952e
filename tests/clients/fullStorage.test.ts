import { expect, test } from "vitest";
import { createClient, createProgressQueue } from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { wxShim } from "./wxShim.ts";

/** A device whose storage takes nothing more, before a server that answers logins, refreshes, logouts and progress. */
function fullDevice(storage = new Map<string, unknown>()) {
  let issued = 0;
  const tokens = () => ({ accessToken: `access${++issued}`, refreshToken: `refresh${issued}`, expiresIn: 900 });
  const refused = new Set<string>();
  const bodies: unknown[] = [];
  const answers: Record<string, () => unknown> = {
    "/v1/auth/wechat": () => ({ ...tokens(), reader: { id: "reader", isNew: false } }),
    "/v1/auth/refresh": tokens,
    "/v1/auth/logout": () => ({}),
    "/v1/reading/progress": () => ({ position: "1", revision: 0, events: ["ReadingProgressed"], adjusted: [] }),
    "/v1/me": () => ({ id: "reader" }),
  };
  const fateOf = ({ url, header, data }: WxRequest) => {
    const { pathname } = new URL(url);
    if (data !== undefined) bodies.push(JSON.parse(data as string));
    if (refused.has(header.authorization ?? header.Authorization ?? ""))
      return { status: 401, body: { code: "token_expired" } };
    return { status: 200, body: answers[pathname]?.() };
  };
  const shim = wxShim({ login: async () => "code", fateOf, storage });
  shim.wx.setStorageSync = () => {
    throw new Error("setStorageSync:fail exceed storage max size 10Mb");
  };
  shim.wx.setStorage = ({ fail }) => fail({ errMsg: "setStorage:fail exceed storage max size 10Mb" });
  const client = createClient({ baseUrl: "https://api.example", wx: shim.wx, patience: { pauseMs: 1 } });
  return { ...shim, client, refused, bodies };
}
const pathsOf = ({ sent }: ReturnType<typeof fullDevice>) => sent.map(({ path }) => path);

test("a device with a full storage logs in once, and goes on with the newest token", async () => {
  const device = fullDevice();
  await device.client.send("GET /v1/me");
  await device.client.send("GET /v1/me");
  expect(pathsOf(device)).toEqual(["/v1/auth/wechat", "/v1/me", "/v1/me"]);
  expect(device.client.readerId()).toBe("reader");
  device.refused.add("Bearer access1");
  await device.client.send("GET /v1/me");
  expect(pathsOf(device).slice(3)).toEqual(["/v1/me", "/v1/auth/refresh", "/v1/me"]);
  expect(device.bodies.at(-1)).toEqual({ refreshToken: "refresh1" });
});

test("a refresh that cannot be stored does not leave the used token in the storage", async () => {
  const session = { accessToken: "old", refreshToken: "used", expiresAt: 0, readerId: "reader" };
  const device = fullDevice(new Map([["heima.session", session]]));
  await device.client.send("GET /v1/me");
  expect(pathsOf(device)).toEqual(["/v1/auth/refresh", "/v1/me"]);
  expect(device.storage.has("heima.session")).toBe(false);
  expect(device.client.readerId()).toBe("reader");
});

test("what was read is sent although neither the queue nor the name of the device can be stored", async () => {
  const device = fullDevice();
  const problems: string[] = [];
  const onProblem = ({ kind }: { kind: string }) => void problems.push(kind);
  const queue = createProgressQueue({ client: device.client, wx: device.wx, onProblem, delayMs: 3_600_000 });
  await queue.add({ bookId: "abcdefghij01", chapterId: "abcdefghij02", offset: 1, activeSeconds: 5 });
  expect(await queue.flush()).toBe(0);
  const { entries } = device.bodies.at(-1) as { entries: { deviceId: string }[] };
  expect(entries.map(({ deviceId }) => deviceId)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect(new Set(problems)).toEqual(new Set(["not_stored"]));
});
