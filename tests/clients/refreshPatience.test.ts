import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient } from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { sessionOf } from "./deviceBefore.ts";
import { wxShim } from "./wxShim.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** The server takes a used refresh token for 30 seconds; a retry must arrive within that time. */
const graceMs = 30_000;
const retryAfter = { "Retry-After": "10" };
const lost = ({ timeout, fail }: WxRequest) => void setTimeout(() => fail({ errMsg: "request:fail timeout" }), timeout);
const busy = ({ timeout, success }: WxRequest) =>
  void setTimeout(() => success({ statusCode: 503, data: { code: "busy" }, header: retryAfter }), timeout - 1);

test.each([
  ["as it is", {}, 4],
  ["with long time-outs", { timeoutMs: 60_000 }, 4],
  ["with long pauses", { pauseMs: 60_000 }, 3],
  ["with many tries", { tries: 50 }, 4],
  ["with all of these", { timeoutMs: 60_000, pauseMs: 60_000, tries: 50 }, 3],
])(
  "a refresh whose answers are lost is repeated while the server takes the token; the patience %s",
  async (_, patience, tries) => {
    for (const answer of [lost, busy]) {
      const shim = wxShim({ login: () => Promise.reject(new Error("no login")) });
      shim.storage.set("heima.session", sessionOf("A", 0));
      const tried: { began: number; arrivedBy: number }[] = [];
      shim.wx.request = (request) => {
        tried.push({ began: Date.now(), arrivedBy: Date.now() + request.timeout });
        answer(request);
      };
      const client = createClient({ baseUrl: "http://api", wx: shim.wx, patience });
      const ended = client.send("GET /v1/me", { onlyAs: "A" }).catch(({ code }) => code);
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(await ended).toBe(answer === lost ? "network_error" : "busy");
      const first = tried[0]!;
      for (const { arrivedBy } of tried) expect(arrivedBy - first.began).toBeLessThan(graceMs);
      expect(tried.length).toBeGreaterThanOrEqual(answer === lost ? tries : 2);
    }
  },
);
