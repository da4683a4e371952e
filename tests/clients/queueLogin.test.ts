import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createProgressQueue, HeimaError, type QueueProblem } from "../../clients/miniprogram/src/index.ts";
import { deviceBefore, loggedInAs, ok, problem, sessionOf } from "./deviceBefore.ts";

const login = "POST /v1/auth/wechat";
const logout = "POST /v1/auth/logout";
const erase = "DELETE /v1/me";
const progress = "POST /v1/reading/progress";
const me = "GET /v1/me";
const recorded = () => ok({ position: "1", revision: 0, events: ["ReadingProgressed"], adjusted: [] });
const away = () => problem(503, "dependency_unavailable");
const place = { bookId: "aaaaaaaaaaaa", chapterId: "bbbbbbbbbbbb", offset: 7, activeSeconds: 30 };
const far = 2 ** 30;
const aDay = 86_400_000;
type Device = ReturnType<typeof deviceBefore>;

function queueOf({ client, wx }: Device, delayMs = 1_000) {
  const problems: QueueProblem[] = [];
  const onProblem = (one: QueueProblem) => void problems.push(one);
  return { problems, ...createProgressQueue({ client, wx, onProblem, delayMs, pauseMs: 1_000 }) };
}
/** The same device after a kill of the app. */
function restarted(device: Device, handlers: Parameters<typeof deviceBefore>[0]) {
  device.kill();
  const later = deviceBefore(handlers);
  for (const [key, value] of device.storage) later.storage.set(key, value);
  return later;
}
/** Whose token each batch was sent with, and how many entries it had. */
const batchesOf = ({ requests }: Device) =>
  requests
    .filter(({ url }) => url.endsWith(progress.split(" ")[1] as string))
    .map(({ header, data }) => [header.Authorization, (JSON.parse(data as string) as { entries: [] }).entries.length]);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());
const allThatHappens = async (device: Device) => {
  await vi.advanceTimersByTimeAsync(aDay);
  for (const what of ["hide", "show", "online"] as const) device.happens(what);
  await vi.advanceTimersByTimeAsync(aDay);
};

describe("the queue alone", () => {
  test("registers no reader for the last place of a page that is left after an erasure, or after a logout", async () => {
    for (const operation of [erase, logout] as const) {
      const handlers = {
        [login]: [() => loggedInAs("A"), () => loggedInAs("B")],
        [progress]: [recorded],
        [erase]: [() => ok({ state: "erased" })],
      };
      const device = deviceBefore(handlers);
      const queue = queueOf(device);
      await queue.add(place);
      expect(await queue.flush()).toBe(0);
      await (operation === erase ? device.client.send(erase) : device.client.logout());
      await queue.clear();
      await queue.add(place);
      await allThatHappens(device);
      expect(device.asked).toEqual([login, progress, operation]);
      expect([device.client.readerId(), device.logins.length]).toEqual([undefined, 1]);
      expect([queue.waiting().length, queue.problems]).toEqual([1, []]);
    }
  });

  test("sends what was added before the first login when somebody has logged in, in whatever way", async () => {
    for (const logsIn of ["login", "request"] as const) {
      const device = deviceBefore({ [login]: [() => loggedInAs("A")], [progress]: [recorded] });
      const queue = queueOf(device, far);
      await queue.add(place);
      await queue.add(place);
      await allThatHappens(device);
      expect(device.asked).toEqual([]);
      await (logsIn === "login" ? device.client.login() : device.client.send(me));
      await vi.waitFor(() => expect(queue.waiting()).toEqual([]));
      expect(batchesOf(device)).toEqual([["Bearer A access", 2]]);
      expect([device.logins.length, queue.problems]).toEqual([1, []]);
    }
  });

  test("sends what waits after a logout when its reader is back, and drops it when another one is there", async () => {
    for (const next of ["A", "B"]) {
      const device = deviceBefore({ [login]: [() => loggedInAs(next)], [progress]: [recorded] }, sessionOf("A"));
      const queue = queueOf(device, far);
      await queue.add(place);
      await device.client.logout();
      await device.client.login();
      await vi.waitFor(() => expect(queue.waiting()).toEqual([]));
      expect(batchesOf(device)).toEqual(next === "A" ? [["Bearer A access", 1]] : []);
      expect(queue.problems.map(({ kind }) => kind)).toEqual(next === "A" ? [] : ["dropped"]);
      await vi.waitFor(() => expect(device.storage.has("heima.progress")).toBe(false));
    }
  });

  test("sends at a login also what the run that ends just then could not", async () => {
    const device = deviceBefore({ [progress]: [recorded] }, sessionOf("A"));
    let logIn = () => {};
    const { exchange } = device.client;
    device.client.onLogin = (listener) => {
      logIn = listener;
    };
    device.client.exchange = () => {
      device.client.exchange = exchange;
      queueMicrotask(() => logIn());
      return Promise.reject(new HeimaError("logged_out", "Nobody is logged in."));
    };
    const queue = queueOf(device, far);
    await queue.add(place);
    device.happens("hide");
    await vi.waitFor(() => expect(queue.waiting()).toEqual([]));
    expect(batchesOf(device)).toEqual([["Bearer a", 1]]);
  });

  test("is not stopped for the next login by a refusal of the one before", async () => {
    const handlers = { [login]: [() => loggedInAs("B")], [progress]: [() => problem(403, "forbidden"), recorded] };
    const device = deviceBefore(handlers, sessionOf("A"));
    const queue = queueOf(device);
    await queue.add(place);
    expect([await queue.flush(), queue.problems.map(({ kind }) => kind)]).toEqual([1, ["stopped"]]);
    await device.client.logout();
    await queue.clear();
    await device.client.login();
    await queue.add(place);
    await vi.advanceTimersByTimeAsync(aDay);
    expect(batchesOf(device).at(-1)).toEqual(["Bearer B access", 1]);
  });

  test("sends what an earlier run left, by its timer, with the session of the reader whose it is", async () => {
    const earlier = deviceBefore({}, sessionOf("A"));
    await queueOf(earlier).add(place);
    const device = restarted(earlier, { [progress]: [away, recorded] });
    const queue = queueOf(device);
    await vi.advanceTimersByTimeAsync(aDay);
    expect(batchesOf(device)).toEqual([
      ["Bearer a", 1],
      ["Bearer a", 1],
    ]);
    expect([queue.waiting(), queue.problems, device.logins]).toEqual([[], [], []]);
  });

  test("keeps what an earlier run left of nobody until there is a login", async () => {
    const earlier = deviceBefore({});
    await queueOf(earlier).add(place);
    const device = restarted(earlier, { [login]: [() => loggedInAs("A")], [progress]: [recorded] });
    const queue = queueOf(device);
    await allThatHappens(device);
    expect([device.asked, queue.waiting().length]).toEqual([[], 1]);
    await device.client.send(me);
    await vi.waitFor(() => expect(queue.waiting()).toEqual([]));
    expect(batchesOf(device)).toEqual([["Bearer A access", 1]]);
  });
});

describe("a flush of the app", () => {
  test("logs in for places without a reader, also while the queue is sending; without places it does not", async () => {
    const device = deviceBefore({ [login]: [() => loggedInAs("A")], [progress]: [recorded] });
    const queue = queueOf(device, far);
    expect([await queue.flush(), device.asked]).toEqual([0, []]);
    await queue.add(place);
    device.happens("hide");
    expect(await queue.flush()).toBe(0);
    expect([device.asked, batchesOf(device)]).toEqual([[login, progress], [["Bearer A access", 1]]]);
  });

  test("whose login fails is not retried by a timer, and a refusal is reported", async () => {
    for (const [answer, kinds] of [
      [problem(401, "wechat_code_invalid"), ["stopped"]] as const,
      [problem(500, "internal_error"), []] as const,
    ]) {
      const device = deviceBefore({ [login]: [() => answer] });
      const queue = queueOf(device);
      await queue.add(place);
      expect(await queue.flush()).toBe(1);
      await allThatHappens(device);
      expect(device.asked).toEqual([login]);
      expect(queue.problems.map(({ kind }) => kind)).toEqual(kinds);
    }
  });

  test("sends no batch as another reader than the one for whom it logged in, not after a restart either", async () => {
    for (const isKilled of [false, true]) {
      const handlers = { [login]: [() => loggedInAs("A"), () => loggedInAs("B")], [progress]: [away, recorded] };
      let device = deviceBefore(handlers);
      let queue = queueOf(device, far);
      await queue.add(place);
      expect(await queue.flush()).toBe(1);
      expect(batchesOf(device)).toEqual([["Bearer A access", 1]]);
      await device.client.logout();
      if (isKilled) {
        device = restarted(device, handlers);
        queue = queueOf(device, far);
      }
      await device.client.login();
      expect(await queue.flush()).toBe(0);
      expect(queue.problems.map(({ kind }) => kind)).toEqual(["dropped"]);
      expect(batchesOf(device)).toHaveLength(isKilled ? 0 : 1);
    }
  });
});
