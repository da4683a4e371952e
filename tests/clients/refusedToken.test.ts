import { describe, expect, test, vi } from "vitest";
import { createProgressQueue, type QueueProblem } from "../../clients/miniprogram/src/index.ts";
import { deviceBefore, held, loggedInAs, ok, problem, sessionOf, tokens } from "./deviceBefore.ts";

const login = "POST /v1/auth/wechat";
const refresh = "POST /v1/auth/refresh";
const logout = "POST /v1/auth/logout";
const progress = "POST /v1/reading/progress";
const me = "GET /v1/me";
const search = "GET /v1/search";
const asked = (text: string) => ({ query: { q: text } });
const refused = () => problem(401, "refresh_token_invalid");
const recorded = () => ok({ position: "1", revision: 0, events: ["ReadingProgressed"], adjusted: [] });
const place = { bookId: "aaaaaaaaaaaa", chapterId: "bbbbbbbbbbbb", offset: 7, activeSeconds: 30 };

function queueOf({ client, wx }: ReturnType<typeof deviceBefore>, delayMs = 2 ** 30) {
  const problems: QueueProblem[] = [];
  const onProblem = (one: QueueProblem) => void problems.push(one);
  return { problems, ...createProgressQueue({ client, wx, onProblem, delayMs, pauseMs: 2 ** 30 }) };
}

describe("a refresh token that the server does not take", () => {
  test("is sent once: who comes while the login is under way waits for it, also who may not log in", async () => {
    const late = held();
    const handlers = { [refresh]: [refused], [login]: [late.handler], [search]: [() => ok({ items: [] })] };
    const device = deviceBefore(handlers, sessionOf("A", 0));
    const first = device.client.send(me);
    await late.asked;
    const others = [device.client.send(me), device.client.send(me, { onlyAs: "A" })];
    const searching = device.client.exchange(search, asked("红楼梦"));
    late.answer(loggedInAs("A"));
    await Promise.all([first, ...others]);
    expect((await searching).readerId).toBe("A");
    expect(device.asked.slice(0, 2)).toEqual([refresh, login]);
    expect(device.asked.slice(2).sort()).toEqual([me, me, me, search]);
  });

  test("is sent once for searches too, and the next request that may log in does", async () => {
    const device = deviceBefore({ [refresh]: [refused], [login]: [() => loggedInAs("A")] }, sessionOf("A", 0));
    for (const text of ["红", "红楼", "红楼梦"]) await device.client.send(search, asked(text));
    await device.client.send(me);
    expect(device.asked).toEqual([refresh, search, search, search, login, me]);
  });

  test("is not a token that a proxy's page was shown for", async () => {
    const page = () => ({ status: 401, body: "<html>Please log in to the Wi-Fi</html>" });
    const device = deviceBefore({ [refresh]: [page, () => ok(tokens("A"))] }, sessionOf("A", 0));
    await expect(device.client.send(me)).rejects.toMatchObject({ code: "unexpected_answer" });
    await device.client.send(me);
    expect([device.asked, device.logins]).toEqual([[refresh, refresh, me], []]);
  });

  test("needs no other login than the one that the app has made meanwhile", async () => {
    const late = held();
    const device = deviceBefore({ [refresh]: [late.handler], [login]: [() => loggedInAs("A")] }, sessionOf("A", 0));
    const sending = [device.client.send(me), device.client.send(me, { onlyAs: "A" })];
    await late.asked;
    await device.client.login();
    late.answer(refused());
    await Promise.all(sending);
    expect(device.asked).toEqual([refresh, login, me, me]);
  });

  test("does not stop the queue: it continues when the app has logged in", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const handlers = { [refresh]: [refused], [login]: [() => loggedInAs("A")], [progress]: [recorded] };
      const device = deviceBefore(handlers, sessionOf("A", 0));
      const queue = queueOf(device, 1_000);
      await queue.add(place);
      expect([await queue.flush(), device.asked]).toEqual([1, [refresh]]);
      await device.client.send(me);
      await queue.add(place);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(device.asked).toContain(progress);
      expect([await queue.flush(), queue.problems]).toEqual([0, []]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("what was begun for a reader who has logged out and is back", () => {
  test("is sent with the present session", async () => {
    for (const answer of [ok(tokens("late")), refused()]) {
      const late = held();
      const handlers = { [refresh]: [late.handler], [login]: [() => loggedInAs("A")], [progress]: [recorded] };
      const device = deviceBefore(handlers, sessionOf("A", 0));
      const queue = queueOf(device);
      await queue.add(place);
      const flushing = queue.flush();
      await late.asked;
      const sending = device.client.send(me);
      await device.client.logout();
      await device.client.login();
      late.answer(answer);
      await sending;
      expect([await flushing, queue.problems]).toEqual([0, []]);
      expect(device.requests.at(-1)?.header).toMatchObject({ Authorization: "Bearer A access" });
      expect(device.asked.slice(0, 3)).toEqual([refresh, logout, login]);
    }
  });

  test("is sent by the queue when the login that it waited for was the one before", async () => {
    for (const answer of [loggedInAs("A"), problem(503, "dependency_unavailable")]) {
      const late = held();
      const device = deviceBefore({ [login]: [late.handler, () => loggedInAs("A")], [progress]: [recorded] });
      const queue = queueOf(device);
      await queue.add(place);
      const flushing = queue.flush();
      await late.asked;
      await device.client.logout();
      await device.client.login();
      late.answer(answer);
      expect([await flushing, queue.problems]).toEqual([0, []]);
      expect([device.client.readerId(), device.asked.filter((one) => one === progress)]).toEqual(["A", [progress]]);
    }
  });
});
