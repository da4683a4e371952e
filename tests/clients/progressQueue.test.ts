import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  createClient,
  createProgressQueue,
  type ProgressEntry,
  type ProgressQueueOptions,
  type QueueProblem,
} from "../../clients/miniprogram/src/index.ts";
import type { WxRequest } from "../../clients/miniprogram/src/wx.ts";
import { maxEntries } from "../../src/domain/reading/progress/limits.ts";
import { type Fate, wxShim } from "./wxShim.ts";

const unknownBook = "unknownbook1";
const place = (bookId = "aaaaaaaaaaaa") => ({ bookId, chapterId: "bbbbbbbbbbbb", offset: 7, activeSeconds: 30 });
const ok = { position: "1", revision: 0, events: [] };

/** The server from the queue's view: an entry counts once, unknown books are refused, and a key belongs to one body. */
function server() {
  const accepted: string[] = [];
  const bodies = new Map<string, string>();
  return {
    accepted,
    answer({ data = "", header }: WxRequest): Fate {
      const key = header["Idempotency-Key"] ?? "";
      expect(bodies.get(key) ?? data, "a key has one body").toBe(data);
      bodies.set(key, data);
      const { entries } = JSON.parse(data) as { entries: ProgressEntry[] };
      const errors = entries.flatMap(({ bookId }, index) =>
        bookId === unknownBook ? [{ path: `entries.${index}.bookId`, message: "is not in the library" }] : [],
      );
      if (errors.length > 0) return { status: 404, body: { code: "book_not_found", detail: "", errors } };
      for (const { entryId } of entries) if (!accepted.includes(entryId)) accepted.push(entryId);
      return { status: 200, body: ok };
    },
  };
}

/** The app from a start to its end, logged in. */
function run(fateOf: (request: WxRequest) => Fate, options: Partial<ProgressQueueOptions> = {}, earlier?: typeof none) {
  const storage = earlier ?? new Map(none);
  const shim = wxShim({ login: () => Promise.reject(new Error("no login")), fateOf, storage });
  const client = createClient({ baseUrl: "http://127.0.0.1:9", wx: shim.wx });
  const problems: QueueProblem[] = [];
  const onProblem = (problem: QueueProblem) => void problems.push(problem);
  // Timers fire only when a test says so.
  const waits = { delayMs: 2 ** 30, pauseMs: 2 ** 30 };
  return { ...shim, problems, queue: createProgressQueue({ client, wx: shim.wx, onProblem, ...waits, ...options }) };
}
const session = { accessToken: "a", refreshToken: "r", expiresAt: Date.now() + 3_600_000, readerId: "one" };
const none = new Map<string, unknown>([["heima.session", session]]);

const passing: Fate[] = [
  "lost" as const,
  { status: 500, body: { code: "internal_error", detail: "" } },
  ...[502, 404, 413, 200].map((status) => ({ status, body: "<html>a proxy</html>" })),
  { status: 503, body: { code: "outcome_unknown", detail: "" } },
  { status: 429, body: { code: "too_many_requests", detail: "" }, header: { "Retry-After": "60" } },
];
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(place("aaaaaaaaaaaa"), place("cccccccccccc"), place(unknownBook)) },
  { weight: 3, arbitrary: fc.constantFrom("flush" as const, "hide" as const, "kill" as const) },
);
const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...passing) },
  { weight: 3, arbitrary: fc.constant("done" as const) },
  { weight: 2, arbitrary: fc.constantFrom("unheard" as const, "killed before" as const, "killed after" as const) },
);

test("whatever happens to app and network, each entry arrives, in order, and refusals are reported", async () => {
  let killed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 30 }),
      fc.array(fate, { minLength: 5, maxLength: 30 }),
      async (steps, fates) => {
        const { accepted, answer } = server();
        const added: string[] = [];
        const refused = new Set<string>();
        const told = new Set<string>();
        // Undefined while not observed: an app that dies during `add` has not returned what it stored.
        let died: (() => void) | undefined;
        const fateOf = (request: WxRequest): Fate => {
          const next = fates.shift() ?? "done";
          if (next === "done") return answer(request);
          if (next === "unheard") {
            answer(request);
            return "lost";
          }
          if (next === "killed before" || next === "killed after") {
            if (next === "killed after") answer(request);
            if (died === undefined) return "lost";
            killed++;
            app.kill();
            died();
            return "lost";
          }
          return next;
        };
        const start = (storage?: Map<string, unknown>) => run(fateOf, { batchSize: 3 }, storage);
        let app = start();
        const restart = () => {
          for (const problem of app.problems) {
            if (problem.kind === "refused") for (const { entryId } of problem.entries) told.add(entryId);
          }
          app.kill();
          app = start(app.storage);
        };
        const flush = async () => {
          const death = new Promise<"died">((resolve) => {
            died = () => resolve("died");
          });
          const ended = await Promise.race([app.queue.flush(), death]);
          died = undefined;
          if (ended === "died") restart();
        };
        for (const one of steps) {
          if (typeof one === "object") {
            const entryId = await app.queue.add(one);
            if (one.bookId === unknownBook) refused.add(entryId);
            else added.push(entryId);
          } else if (one === "kill") restart();
          else await flush();
        }
        fates.length = 0;
        // The first may join a flush that began before.
        for (let twice = 0; twice < 2; twice++) await flush();
        restart();
        expect(app.queue.waiting()).toEqual([]);
        expect(accepted).toEqual(added);
        expect(told).toEqual(refused);
      },
    ),
    { numRuns: 150, endOnFailure: true },
  );
  expect(killed).toBeGreaterThan(5);
});

test("a failed entry is retried automatically, with its key, until it arrives", async () => {
  const { accepted, answer } = server();
  const fates = passing.filter((one) => typeof one !== "object" || one.status !== 429);
  const app = run((request) => fates.shift() ?? answer(request), { delayMs: 0, pauseMs: 1 });
  const entryId = await app.queue.add(place());
  await vi.waitFor(() => expect(accepted).toEqual([entryId]));
  expect(new Set(app.sent.map(({ header }) => header["Idempotency-Key"]))).toHaveLength(1);
  expect(app.problems).toEqual([]);
});

test("the app's going and coming, and a network, send what waits, one batch at a time", async () => {
  const { accepted, answer } = server();
  let online = false;
  let under = 0;
  const app = run(
    (request) => {
      expect(++under).toBe(1);
      setImmediate(() => under--);
      return online ? answer(request) : "lost";
    },
    { batchSize: 2 },
  );
  for (let count = 0; count < 5; count++) await app.queue.add(place());
  for (const [index, what] of (["hide", "show", "online"] as const).entries()) {
    app.happens(what);
    app.happens(what);
    await app.queue.flush();
    expect(app.sent).toHaveLength(index + 1);
  }
  online = true;
  app.happens("online");
  expect(await app.queue.flush()).toBe(0);
  expect(accepted).toHaveLength(5);
});

test("what was read offline is sent in as few requests as the API allows", async () => {
  const { accepted, answer } = server();
  const sizes: number[] = [];
  const app = run((request) => {
    sizes.push((JSON.parse(request.data ?? "") as { entries: unknown[] }).entries.length);
    return answer(request);
  });
  for (let count = 0; count < maxEntries + 50; count++) await app.queue.add(place());
  await app.queue.flush();
  expect([sizes, accepted.length]).toEqual([[maxEntries, 50], maxEntries + 50]);
});

test("a Retry-After that no timer can wait for is no reason to send at once", async () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  try {
    const far = { status: 503, body: "<html>closed</html>", header: { "Retry-After": "9999999999" } };
    const app = run(() => far, { pauseMs: 1 });
    await app.queue.add(place());
    expect(await app.queue.flush()).toBe(1);
    expect(timers.mock.calls.at(-1)?.[1]).toBe(2 ** 31 - 1);
    expect(app.sent).toHaveLength(1);
  } finally {
    timers.mockRestore();
  }
});

test("a refusal of the sender stops the queue and is reported, and nothing is lost", async () => {
  const { accepted, answer } = server();
  let refuses = true;
  const forbidden = { status: 403, body: { code: "forbidden", detail: "no" } };
  const app = run((request) => (refuses ? forbidden : answer(request)), { delayMs: 0 });
  await app.queue.add(place());
  expect(await app.queue.flush()).toBe(1);
  await app.queue.add(place());
  expect(app.problems).toMatchObject([{ kind: "stopped", error: { code: "forbidden", status: 403 } }]);
  expect(app.sent).toHaveLength(1);
  refuses = false;
  app.happens("show");
  expect(await app.queue.flush()).toBe(0);
  expect(accepted).toHaveLength(2);
});

test("a full queue drops an old entry and reports it, and reports a full storage", async () => {
  const app = run(() => "lost", { batchSize: 1, capacity: 2 });
  const ids = [];
  for (let count = 0; count < 3; count++) ids.push(await app.queue.add(place()));
  expect(app.problems).toMatchObject([{ kind: "dropped", entries: [{ entryId: ids[0] }] }]);
  expect(app.queue.waiting().map(({ entryId }) => entryId)).toEqual(ids.slice(1));
  app.problems.length = 0;
  app.wx.setStorage = ({ fail }) => fail({ errMsg: "setStorage:fail exceed max size" });
  await app.queue.add(place());
  expect(app.problems.map(({ kind }) => kind)).toContain("not_stored");
  expect(app.queue.waiting()).toHaveLength(2);
});

test("entries are never sent for another reader", async () => {
  const { accepted, answer } = server();
  const app = run(answer);
  await app.queue.add(place());
  app.kill();
  app.storage.set("heima.session", { ...session, readerId: "another" });
  const later = run(answer, {}, app.storage);
  await later.queue.flush();
  expect([later.problems.map(({ kind }) => kind), accepted, later.sent]).toEqual([["dropped"], [], []]);
});

test("places of one millisecond have times in the order in which they were added", async () => {
  const now = vi.spyOn(Date, "now").mockReturnValue(Date.parse("2026-03-01T08:00:00Z"));
  try {
    const { queue } = run(() => "lost");
    for (let count = 0; count < 5; count++) await queue.add(place());
    const times = queue.waiting().map(({ readAt }) => readAt);
    expect(times).toEqual([...new Set(times)].sort());
    // A clock that is set back a long time counts.
    now.mockReturnValue(Date.parse("2026-02-01T08:00:00Z"));
    await queue.add(place());
    expect(queue.waiting().at(-1)?.readAt).toBe("2026-02-01T08:00:00.000Z");
  } finally {
    now.mockRestore();
  }
});
