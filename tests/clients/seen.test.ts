import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { deviceBefore, loggedInAs, ok, sessionOf } from "./deviceBefore.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A reader's device with a server whose commands return different tokens of this length, and whose queries return `current`. */
function deviceOf(tokenLength: number) {
  let commands = 0;
  const { client, requests } = deviceBefore(
    {
      "POST /v1/auth/wechat": [() => loggedInAs("B")],
      "POST /v1/shelf/undo": [
        () => ({ ...ok({}), header: { "Consistency-Token": `${commands++}`.padStart(tokenLength, "t") } }),
      ],
      "GET /v1/shelf": [
        ({ header }) => ({ ...ok({}), header: header["Consistency-Token"] ? { Consistency: "current" } : {} }),
      ],
    },
    sessionOf("A"),
  );
  return {
    client,
    async write(times: number) {
      for (let time = 0; time < times; time++) await client.send("POST /v1/shelf/undo");
    },
    async ask() {
      const { consistency } = await client.exchange("GET /v1/shelf");
      const header = requests.at(-1)?.header["Consistency-Token"];
      return { consistency, tokens: header?.split(",") ?? [], length: header?.length ?? 0 };
    },
  };
}

describe("a query", () => {
  test("waits for all commands of the last minute, however many they are, if their tokens fit", async () => {
    const { write, ask } = deviceOf(100);
    await write(50);
    const { tokens, consistency } = await ask();
    expect([tokens.length, consistency]).toEqual([50, "current"]);
  });

  test("whose tokens do not all fit has the newest, and is stale until those that it lacks are a minute old", async () => {
    const { write, ask } = deviceOf(2_000);
    await write(1);
    vi.advanceTimersByTime(30_000);
    await write(2);
    const full = await ask();
    expect(full.tokens.map((token) => token.replace(/^t+/, ""))).toEqual(["1", "2"]);
    expect([full.consistency, full.length < 6_000]).toEqual(["stale", true]);
    vi.advanceTimersByTime(30_001);
    const later = await ask();
    expect([later.tokens.length, later.consistency]).toEqual([2, "current"]);
    vi.advanceTimersByTime(30_000);
    expect(await ask()).toEqual({ tokens: [], length: 0, consistency: undefined });
  });

  test("of the next reader is not stale because of what the one before wrote", async () => {
    const { client, write, ask } = deviceOf(2_000);
    await write(5);
    await client.logout();
    await client.login();
    await write(1);
    const { tokens, consistency } = await ask();
    expect([tokens.length, consistency]).toEqual([1, "current"]);
  });
});
