import { expect, test } from "vitest";
import { createClient, createLocalCopy, createProgressQueue, HeimaError } from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { wxShim } from "./wxShim.ts";

/**
 * A device whose storage refuses writes while `storageIs.full`, with a server that answers logins, refreshes, logouts, progress and
 * changes: each token but `old` adds one book.
 */
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
  const changesSince = (token: string | null) => {
    const number = Number(token ?? 0) + 1;
    return {
      items: [{ kind: "book", key: `book${number}`, value: { order: "1" } }],
      token: String(number),
      more: false,
    };
  };
  const fateOf = ({ url, header, data }: WxRequest) => {
    const { pathname, searchParams } = new URL(url);
    if (data !== undefined) bodies.push(JSON.parse(data as string));
    if (refused.has(header.authorization ?? header.Authorization ?? ""))
      return { status: 401, body: { code: "token_expired" } };
    if (searchParams.get("since") === "old") return { status: 401, body: { code: "reader_erased" } };
    const body = pathname === "/v1/changes" ? changesSince(searchParams.get("since")) : answers[pathname]?.();
    return { status: 200, body };
  };
  const shim = wxShim({ login: async () => "code", fateOf, storage });
  const { setStorage, setStorageSync } = shim.wx;
  const storageIs = { full: true };
  shim.wx.setStorageSync = (key, value) => {
    if (storageIs.full) throw new Error("setStorageSync:fail exceed storage max size 10Mb");
    setStorageSync(key, value);
  };
  shim.wx.setStorage = (options) => {
    if (storageIs.full) setImmediate(() => options.fail({ errMsg: "setStorage:fail exceed storage max size 10Mb" }));
    else setStorage(options);
  };
  const client = createClient({ baseUrl: "https://api.example", wx: shim.wx, patience: { pauseMs: 1 } });
  return { ...shim, client, refused, bodies, storageIs };
}
const pathsOf = ({ sent }: ReturnType<typeof fullDevice>) => sent.map(({ path }) => path);

test("a device with a full storage logs in once, and continues with the newest token", async () => {
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

const session = {
  accessToken: "access",
  refreshToken: "refresh",
  expiresAt: Date.now() + 3_600_000,
  readerId: "reader",
};
const place = { bookId: "abcdefghij01", chapterId: "abcdefghij02", offset: 1, activeSeconds: 5 };
/** The app on this device: its copy, its queue, and the errors reported to it. */
function appOn(device: ReturnType<typeof fullDevice>) {
  const problems: string[] = [];
  const onProblem = ({ kind }: { kind: string }) => void problems.push(kind);
  const copy = createLocalCopy({ ...device, onProblem });
  const queue = createProgressQueue({ ...device, onProblem, delayMs: 3_600_000 });
  return { problems, copy, queue, books: () => [...copy.all("book").keys()] };
}
/** What the app shows after a restart, without a network. */
function restarted(device: ReturnType<typeof fullDevice>) {
  device.kill();
  const { books, queue } = appOn(fullDevice(device.storage));
  return { books: books(), waiting: queue.waiting().length };
}

test("a copy that cannot be stored is still updated until the app is killed, and that is reported once", async () => {
  const device = fullDevice(new Map([["heima.session", session]]));
  const { copy, books, problems } = appOn(device);
  await copy.sync();
  await copy.sync();
  expect([books(), problems]).toEqual([["book1", "book2"], ["not_stored"]]);
  expect(restarted(device)).toEqual({ books: [], waiting: 0 });
});

test("a copy whose storage is full after a while starts the next time as it was stored", async () => {
  const device = fullDevice(new Map([["heima.session", session]]));
  const { copy, books } = appOn(device);
  device.storageIs.full = false;
  await copy.sync();
  device.storageIs.full = true;
  await copy.sync();
  // Nothing after a gap is stored.
  device.storageIs.full = false;
  await copy.sync();
  expect(books()).toEqual(["book1", "book2", "book3"]);
  expect(restarted(device).books).toEqual(["book1"]);
});

test("after a logout a full storage has neither the reader's copy nor their places", async () => {
  const device = fullDevice(new Map([["heima.session", session]]));
  const { copy, queue, problems } = appOn(device);
  device.storageIs.full = false;
  await copy.sync();
  await queue.add(place);
  device.storageIs.full = true;
  await device.client.logout();
  await Promise.all([copy.clear(), queue.clear()]);
  expect(problems).toEqual([]);
  expect(restarted(device)).toEqual({ books: [], waiting: 0 });
});

test("nor has it those of another reader, whose places were dropped for the next one's", async () => {
  const device = fullDevice(new Map([["heima.session", session]]));
  const { queue, problems } = appOn(device);
  device.storageIs.full = false;
  await queue.add(place);
  device.storageIs.full = true;
  device.storage.set("heima.session", { ...session, readerId: "next" });
  // It is being stored when the next reader's arrives.
  await Promise.all([queue.add(place), queue.add(place)]);
  expect([...new Set(problems)]).toEqual(["dropped", "not_stored"]);
  expect(restarted(device).waiting).toBe(0);
});

test("the copy of an erased reader goes from a full storage", async () => {
  const copied = [
    ["heima.copy", JSON.stringify({ token: "old", readerId: "reader" })],
    ["heima.copy.book", JSON.stringify([["book1", {}]])],
  ] as const;
  const device = fullDevice(new Map<string, unknown>([["heima.session", session], ...copied]));
  const { copy, books } = appOn(device);
  expect(books()).toEqual(["book1"]);
  await expect(copy.sync()).rejects.toMatchObject({ name: "HeimaError", code: "reader_erased" });
  expect(books()).toEqual([]);
  expect(restarted(device).books).toEqual([]);
});

test("a failed removal from the storage is reported, and nothing of another copy is stored with the rest", async () => {
  const device = fullDevice(new Map([["heima.session", session]]));
  const { copy, books, problems } = appOn(device);
  device.storageIs.full = false;
  await copy.sync();
  const { removeStorage } = device.wx;
  device.wx.removeStorage = ({ fail }) => fail({ errMsg: "removeStorage:fail" });
  await copy.clear();
  expect([books(), problems]).toEqual([[], ["not_stored"]]);
  // The books stay, but without a token they are not read.
  expect(appOn(fullDevice(new Map(device.storage))).books()).toEqual([]);
  device.storage.set("heima.session", { ...session, readerId: "next" });
  await copy.sync();
  expect(device.storage.get("heima.copy")).toBe("{}");
  device.wx.removeStorage = removeStorage;
  await copy.clear();
  expect(restarted(device).books).toEqual([]);
});

test("an answer to a sync that is not the API's leaves the copy as it is", async () => {
  const device = fullDevice(new Map([["heima.session", session]]));
  const { copy, books } = appOn(device);
  await copy.sync();
  const { request } = device.wx;
  device.wx.request = ({ success }) => success({ statusCode: 200, data: { errcode: 0 }, header: {} });
  const error = await copy.sync().catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(HeimaError);
  expect([error, books()]).toMatchObject([{ code: "unexpected_answer" }, ["book1"]]);
  device.wx.request = request;
});
