import { expect, test } from "vitest";
import { z } from "zod";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { createResponseCache } from "../../src/http/responseCache.ts";
import { until } from "../support/waiting.ts";
import { startApi, tokens } from "./startApi.ts";

const readers = ["01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"] as const;

/** An API whose queries end when `letGo` is called, and the running queries. */
async function heldApi(isKept: boolean) {
  const running: string[] = [];
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const handle = async (name: string) => {
    running.push(name);
    await held;
    return {};
  };
  const declared = { summary: "For a test", response: z.strictObject({}), problems: [], reads: ["shelf"] } as const;
  const params = z.strictObject({ name: z.string() });
  const responseCache = createResponseCache({
    changes: { now: () => 1, unchangedSince: () => true },
    keysOfToken: () => [],
    maxBytes: 10_000,
  });
  const api = await startApi(
    [
      queryEndpoint({
        ...declared,
        path: "/own/{name}",
        access: "reader",
        params,
        keysOf: ({ readerId }) => ({ shelf: readerId }),
        handle: ({ params, readerId }) =>
          handle(`${params.name} of ${readers.indexOf(readerId as (typeof readers)[0])}`),
      }),
      queryEndpoint({
        ...declared,
        path: "/lists/{name}",
        access: "open",
        params,
        handle: ({ params }) => handle(params.name),
      }),
    ],
    isKept ? { responseCache } : {},
  );
  const get = async (path: string, reader: 0 | 1 = 0) => {
    const { accessToken } = tokens.issue({ readerId: readers[reader], roles: ["reader"] });
    return (await api.fetch(path, { headers: { authorization: `Bearer ${accessToken}` } })).status;
  };
  return { get, running, letGo, close: api.close };
}

test.each([true, false])(
  "of one reader two answers are made at once, of all lists four; cached: %s",
  async (isKept) => {
    const { get, running, letGo, close } = await heldApi(isKept);
    const own = Array.from({ length: 20 }, (_, n) => get(`/own/${n}`));
    const lists = Array.from({ length: 8 }, (_, n) => get(`/lists/${n}`));
    // Another reader's later query waits for none of them.
    await until("six are being made", () => running.length >= 6);
    const another = [get("/own/a", 1), get("/own/b", 1)];
    await until("those of the other reader are made", () => running.includes("a of 1") && running.includes("b of 1"));
    expect(running.filter((name) => name.endsWith("of 0"))).toHaveLength(2);
    expect(running.filter((name) => !name.includes("of"))).toHaveLength(4);
    letGo();
    expect(new Set(await Promise.all([...own, ...lists, ...another]))).toEqual(new Set([200]));
    expect(running).toHaveLength(30);
    await close();
  },
);
