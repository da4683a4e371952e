import { describe, expect, test, vi } from "vitest";
import { createProgressQueue, type QueueProblem } from "../../clients/miniprogram/src/index.ts";
import { deviceBefore, held, loggedInAs, ok, problem, sessionOf } from "./deviceBefore.ts";

const login = "POST /v1/auth/wechat";
const refresh = "POST /v1/auth/refresh";
const progress = "POST /v1/reading/progress";
const recorded = () => ok({ position: "1", revision: 0, events: ["ReadingProgressed"], adjusted: [] });
const place = (bookId = "aaaaaaaaaaaa") => ({ bookId, chapterId: "bbbbbbbbbbbb", offset: 7, activeSeconds: 30 });

function queueOf({ client, wx }: ReturnType<typeof deviceBefore>, onProblem?: (problem: QueueProblem) => void) {
  const problems: QueueProblem[] = [];
  const note = (problem: QueueProblem) => void problems.push(problem);
  const waits = { delayMs: 2 ** 30, pauseMs: 2 ** 30 };
  return { problems, ...createProgressQueue({ client, wx, onProblem: onProblem ?? note, ...waits }) };
}

describe("what waits in the queue", () => {
  test("logs nobody in after an erasure, and is not the next reader's", async () => {
    const handlers = { [login]: [() => loggedInAs("B")], "DELETE /v1/me": [() => ok({ state: "erasing" })] };
    const device = deviceBefore(handlers, sessionOf("A"));
    const queue = queueOf(device);
    await queue.add(place());
    await device.client.send("DELETE /v1/me");
    for (const what of ["hide", "show", "online"] as const) device.happens(what);
    expect(await queue.flush()).toBe(1);
    expect([device.asked, device.logins, queue.problems]).toEqual([["DELETE /v1/me"], [], []]);
    await device.client.login();
    expect(await queue.flush()).toBe(0);
    expect(queue.problems.map(({ kind }) => kind)).toEqual(["dropped"]);
    expect(device.asked).not.toContain(progress);
  });

  test("waits after a logout, and is sent when its reader is back", async () => {
    const device = deviceBefore({ [login]: [() => loggedInAs("A")], [progress]: [recorded] }, sessionOf("A"));
    const queue = queueOf(device);
    await queue.add(place());
    await device.client.logout();
    expect([await queue.flush(), device.logins]).toEqual([1, []]);
    await device.client.login();
    expect([await queue.flush(), queue.problems]).toEqual([0, []]);
  });

  test.each(["flush", "login"])(
    "is of the next reader, if it was added when nobody was logged in and all was sent (%s)",
    async (how) => {
      const handlers = { [login]: [() => loggedInAs("B")], [progress]: [recorded] };
      const device = deviceBefore(handlers, sessionOf("A"));
      const queue = queueOf(device);
      await queue.add(place());
      expect(await queue.flush()).toBe(0);
      await device.client.logout();
      const entryId = await queue.add(place("cccccccccccc"));
      if (how === "login") await device.client.login();
      expect(await queue.flush()).toBe(0);
      expect([device.client.readerId(), queue.problems]).toEqual(["B", []]);
      expect(device.requests.findLast(({ url }) => url.endsWith("/progress"))?.data).toContain(entryId);
    },
  );

  test("registers no reader when the login was ended elsewhere", async () => {
    const refused = () => problem(401, "refresh_token_invalid");
    const device = deviceBefore({ [login]: [() => loggedInAs("B")], [refresh]: [refused] }, sessionOf("A", 0));
    const queue = queueOf(device);
    await queue.add(place());
    expect([await queue.flush(), device.logins]).toEqual([1, []]);
    expect([device.asked, queue.problems]).toEqual([[refresh], []]);
  });

  test("is not touched by the late answer to a batch that was dropped", async () => {
    for (const answer of [problem(401, "reader_erased"), problem(404, "book_not_found"), recorded()]) {
      const late = held();
      const handlers = { [login]: [() => loggedInAs("B")], [progress]: [late.handler, recorded] };
      const device = deviceBefore(handlers, sessionOf("A"));
      const queue = queueOf(device);
      await queue.add(place());
      const flushing = queue.flush();
      await late.asked;
      await device.client.logout();
      await device.client.login();
      const entryId = await queue.add(place("cccccccccccc"));
      late.answer(answer);
      expect(await flushing).toBe(0);
      expect(queue.problems.map(({ kind }) => kind)).toEqual(["dropped"]);
      const sent = device.requests.filter(({ url }) => url.endsWith("/progress")).map(({ data }) => data);
      expect(sent).toEqual([expect.stringContaining("aaaaaaaaaaaa"), expect.stringContaining(entryId)]);
    }
  });

  test("is not sent when it is cleared just before", async () => {
    const device = deviceBefore({ [login]: [() => loggedInAs("B")], [progress]: [recorded] }, sessionOf("A"));
    const queue = queueOf(device);
    await queue.add(place());
    const flushing = queue.flush();
    await Promise.all([device.client.logout(), queue.clear(), flushing]);
    expect([device.asked, device.logins]).toEqual([["POST /v1/auth/logout"], []]);
  });

  test("is sent although the app's onProblem throws", async () => {
    const thrown: unknown[] = [];
    const timers = vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms: number) => {
      try {
        if (ms === 0) run();
      } catch (error) {
        thrown.push(error);
      }
    }) as never);
    try {
      const device = deviceBefore({ [progress]: [() => problem(403, "forbidden"), recorded] }, sessionOf("A"));
      const gone = new Error("the page is gone");
      const queue = queueOf(device, () => {
        throw gone;
      });
      await queue.add(place());
      expect(await queue.flush()).toBe(1);
      expect(await queue.flush()).toBe(0);
      expect(thrown).toEqual([gone]);
    } finally {
      timers.mockRestore();
    }
  });
});
