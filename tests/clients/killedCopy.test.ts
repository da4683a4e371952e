import fc from "fast-check";
import { expect, test } from "vitest";
import { createClient, createLocalCopy } from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { ok, sessionOf } from "./deviceBefore.ts";
import { wxShim } from "./wxShim.ts";

const kinds = ["book", "history"] as const;
type Change = { kind: (typeof kinds)[number]; key: string; value: { of: string; number: number } | null };

/** A server with the changes of two readers, which answers two at a time; a token is the number of changes that the copy has. */
function serverOf() {
  const changes: Record<string, Change[]> = { A: [], B: [] };
  return {
    change(of: string, change: Omit<Change, "value"> & { removes: boolean }) {
      const own = changes[of]!;
      own.push({ kind: change.kind, key: change.key, value: change.removes ? null : { of, number: own.length } });
    },
    answer({ url, header }: WxRequest) {
      const own = changes[(header.Authorization ?? "").slice("Bearer ".length)]!;
      const since = Number(new URL(url).searchParams.get("since") ?? 0);
      const items = own.slice(since, since + 2);
      return ok({ items, token: String(since + items.length), more: since + items.length < own.length });
    },
    things(of: string) {
      const all = { book: new Map<string, unknown>(), history: new Map<string, unknown>() };
      for (const { kind, key, value } of changes[of]!) {
        if (value === null) all[kind].delete(key);
        else all[kind].set(key, value);
      }
      return kinds.map((kind) => new Map([...all[kind]].sort()));
    },
  };
}

const change = fc.record({
  kind: fc.constantFrom(...kinds),
  key: fc.constantFrom("one", "two", "three"),
  removes: fc.boolean(),
});
const step = fc.oneof(
  { weight: 4, arbitrary: change },
  { weight: 4, arbitrary: fc.constantFrom("sync" as const) },
  { weight: 3, arbitrary: fc.constantFrom("restart" as const, "clear" as const, "other reader" as const) },
);
/** The outcome of one write or removal. */
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant("done" as const) },
  { weight: 3, arbitrary: fc.constant("full" as const) },
  { weight: 1, arbitrary: fc.constantFrom("fails" as const, "killed before" as const, "killed after" as const) },
);

test("whatever is killed or not stored, a copy is of one reader, and has all that came before its token", async () => {
  const seen = { killed: 0, told: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40 }),
      fc.array(fate, { minLength: 10, maxLength: 80 }),
      async (steps, fates) => {
        const server = serverOf();
        let reader = "A";
        let died = () => {};
        const sessionNow = () => ({ ...sessionOf(reader), accessToken: reader });
        const start = (storage: Map<string, unknown>) => {
          storage.set("heima.session", sessionNow());
          const shim = wxShim({ login: () => Promise.reject(new Error("no login")), fateOf: server.answer, storage });
          const { setStorage, removeStorage } = shim.wx;
          const meets = (needsSpace: boolean, fail: (error: { errMsg: string }) => void, act: () => void) => {
            const next = fates.shift() ?? "done";
            if (next === "fails" || (next === "full" && needsSpace)) {
              setImmediate(() => fail({ errMsg: next }));
              return;
            }
            if (next !== "killed before") act();
            if (next !== "killed before" && next !== "killed after") return;
            const end = () => {
              shim.kill();
              // It may have been restarted earlier.
              if (app.wx === shim.wx) died();
            };
            if (next === "killed before") end();
            else setImmediate(end);
          };
          shim.wx.setStorage = (options) => meets(true, options.fail, () => setStorage(options));
          shim.wx.removeStorage = (options) => meets(false, options.fail, () => removeStorage(options));
          const client = createClient({ baseUrl: "http://api", wx: shim.wx, patience: { tries: 1 } });
          const onProblem = () => void seen.told++;
          return { ...shim, copy: createLocalCopy({ client, wx: shim.wx, onProblem }) };
        };
        let app = start(new Map());
        const shown = () => kinds.map((kind) => new Map([...app.copy.all(kind)].sort()));
        const restart = () => {
          app.kill();
          app = start(app.storage);
          const readers = shown().flatMap((things) =>
            [...things.values()].map((value) => (value as { of?: string }).of),
          );
          expect(new Set(readers).size).toBeLessThanOrEqual(1);
        };
        const orDeath = async (run: () => Promise<void>) => {
          const death = new Promise<"died">((resolve) => {
            died = () => resolve("died");
          });
          if ((await Promise.race([run(), death])) !== "died") return true;
          seen.killed++;
          restart();
          return false;
        };
        const synced = async () => {
          if (await orDeath(() => app.copy.sync())) expect(shown()).toEqual(server.things(reader));
        };
        for (const one of steps) {
          if (typeof one === "object") server.change(reader, one);
          else if (one === "sync") await synced();
          else if (one === "clear") await orDeath(() => app.copy.clear());
          else if (one === "restart") restart();
          else {
            reader = reader === "A" ? "B" : "A";
            app.storage.set("heima.session", sessionNow());
          }
        }
        fates.length = 0;
        restart();
        await synced();
        restart();
        expect(shown()).toEqual(server.things(reader));
      },
    ),
    { numRuns: 300, endOnFailure: true },
  );
  expect(seen.killed).toBeGreaterThan(20);
  expect(seen.told).toBeGreaterThan(20);
});
