import { expect, test } from "vitest";
import { jsonOf } from "../../../src/replay/run/json.ts";
import { asReducer, type Reducer } from "../../../src/replay/run/reducer.ts";
import { ReducerFailed, resultsOf, runReducer } from "../../../src/replay/run/runReducer.ts";
import { type Logged, logOf, read } from "../memoryLog.ts";

const [daiyu, baoyu, erased] = ["daiyu", "baoyu", "erased"];
const [stone, water] = ["hongloumeng1", "shuihuzhuan1"];
const life: Logged[] = [
  [`account-${daiyu}`, { type: "ReaderRegistered", data: { via: "wechat" } }],
  read(daiyu, stone, { seconds: 100 }),
  read(baoyu, stone, { seconds: 50 }),
  read(erased, stone, { seconds: 1_000 }),
  read(baoyu, water, { seconds: 30 }),
  [`shelf-${daiyu}`, { type: "BookAddedToShelf", data: { bookId: stone } }],
];
const whole = { after: undefined, upTo: 10n ** 9n };
const options = { erased: new Set([erased]) };

const secondsByBook: Reducer<{ seconds: number }> = {
  initial: { seconds: 0 },
  filter: ["ReadingProgressed"],
  key: ({ data }) => (data as { bookId: string }).bookId,
  evolve(state, { data }) {
    state.seconds += (data as { activeSeconds: number }).activeSeconds;
    return state;
  },
};

test("each key has a state of its own, and erased readers are left out", async () => {
  const run = await runReducer(await logOf(life), secondsByBook as Reducer, whole, options);
  expect([...resultsOf(secondsByBook as Reducer, run.states)]).toEqual([
    { key: stone, result: { seconds: 150 } },
    { key: water, result: { seconds: 30 } },
  ]);
  expect(run).toMatchObject({ events: 4, folded: 3, unreadable: { count: 0 } });
  expect(secondsByBook.initial).toEqual({ seconds: 0 });
});

test("without a key there is one state, also of no events; a range leaves out what lies beyond", async () => {
  const count: Reducer<number> = { initial: 0, evolve: (events) => events + 1 };
  const log = await logOf(life);
  const at = async (range: typeof whole | { after: bigint; upTo: bigint }) =>
    [...resultsOf(count as Reducer, (await runReducer(log, count as Reducer, range, options)).states)].map(
      ({ result }) => result,
    );
  expect(await at(whole)).toEqual([5]);
  // Positions go up by 100: the first event is at 100.
  expect(await at({ after: 100n, upTo: 300n })).toEqual([2]);
  expect(await at({ after: 600n, upTo: 700n })).toEqual([0]);
});

test("a run in two parts ends as one that was not broken off", async () => {
  const log = await logOf(life);
  const first = await runReducer(log, secondsByBook as Reducer, { after: undefined, upTo: 300n }, options);
  const second = await runReducer(log, secondsByBook as Reducer, whole, { ...options, begun: first });
  const all = await runReducer(log, secondsByBook as Reducer, whole, options);
  expect(second.states).toEqual(all.states);
  expect(first.events + second.events).toBe(all.events);
  expect(second.place).toEqual(all.place);
});

test("what a reducer throws names the event, its position and its stream", async () => {
  const failing = (reducer: Partial<Reducer>) =>
    logOf(life).then((log) => runReducer(log, { initial: 0, evolve: () => 0, ...reducer }, whole, options));
  const boom = () => {
    throw new TypeError("no such thing");
  };
  const rejected = failing({ filter: ["BookAddedToShelf"], evolve: boom });
  await expect(rejected).rejects.toThrow(ReducerFailed);
  await expect(rejected).rejects.toThrow(
    /^evolve failed on BookAddedToShelf at position 600 \(revision 0 of shelf-daiyu\): TypeError: no such thing \(\/.*runReducer\.test\.ts:\d+:\d+\)$/,
  );
  await expect(failing({ key: boom })).rejects.toThrow("key failed on ReaderRegistered at position 100");
  await expect(failing({ key: () => 7 as never })).rejects.toThrow("it gave number, and no text");
  await expect(failing({ filter: boom })).rejects.toThrow("filter failed on");
  await expect(failing({ initial: boom })).rejects.toThrow("initial failed on");
  await expect(failing({ evolve: () => undefined })).rejects.toThrow("it gave undefined; return the state");
});

test("what is async is refused, also as another kind of promise, and its rejection ends nothing", async () => {
  const late = async (): Promise<never> => {
    throw new Error("too late");
  };
  // biome-ignore lint/suspicious/noThenProperty: the test needs an object that is refused
  const other = () => ({ then: () => {} }) as never;
  for (const name of ["initial", "key", "filter", "evolve"] as const)
    for (const given of [late, other]) {
      const reducer = { initial: 0, evolve: () => 0, [name]: given } as Reducer;
      const running = runReducer(await logOf(life), reducer, whole, options);
      await expect(running, name).rejects.toThrow(`${name} failed on ReaderRegistered at position 100`);
      await expect(running, name).rejects.toThrow("it is async, and must not be");
    }
  const empty = runReducer(await logOf([]), { initial: late, evolve: () => 0 }, whole, options);
  await expect(empty).rejects.toThrow("initial failed: it is async");
  const reducer: Reducer = { initial: 0, evolve: () => 0, result: late };
  expect(() => [...resultsOf(reducer, new Map([["", 0]]))]).toThrow("result failed: it is async");
});

test("events that break their schema are counted and left out", async () => {
  const log = await logOf([...life, [`shelf-${daiyu}`, { type: "BookAddedToShelf", data: { bookId: 7 } } as never]]);
  const count: Reducer<number> = { initial: 0, evolve: (events) => events + 1 };
  const run = await runReducer(log, count as Reducer, whole, options);
  expect(run).toMatchObject({ folded: 5, unreadable: { count: 1 } });
  expect(run.unreadable.first).toContain("BookAddedToShelf at 1@shelf-daiyu");
});

test("what a file exports is checked", () => {
  const known = new Set(["BookFinished"]);
  const evolve = (state: unknown) => state;
  expect(asReducer({ initial: 0, evolve, other: 1 }, known)).toEqual({ initial: 0, evolve });
  expect(asReducer({ default: { initial: 0, evolve } }, known)).toEqual({ initial: 0, evolve });
  expect(() => asReducer({ evolve }, known)).toThrow("no initial");
  expect(() => asReducer({ initial: 0 }, known)).toThrow("no function evolve");
  expect(() => asReducer({ initial: 0, evolve, key: "bookId" }, known)).toThrow("its key is no function");
  expect(() => asReducer({ initial: 0, evolve, filter: ["BookRead"] }, known)).toThrow("names BookRead");
  expect(() => asReducer({ initial: 0, evolve, filter: "BookFinished" }, known)).toThrow("its filter is neither");
});

test("a result is printed whatever it is made of", () => {
  expect(jsonOf({ at: 1n, by: new Map([["a", new Set([1])]]), pairs: new Map([[1, 2]]) })).toBe(
    '{"at":"1","by":{"a":[1]},"pairs":[[1,2]]}',
  );
  expect(jsonOf(undefined)).toBe("null");
});
