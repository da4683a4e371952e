import { describe, expect, test } from "vitest";
import { accountDecider } from "../../src/domain/account/decider.ts";

const { initialState, evolve, decide } = accountDecider;
const register = { type: "RegisterReader", via: "wechat" } as const;
const registered = { type: "ReaderRegistered", data: { via: "wechat" } } as const;

describe("an account", () => {
  test("is registered once", () => {
    expect(decide(register, initialState)).toEqual([registered]);
    expect(decide(register, evolve(initialState, registered))).toEqual([]);
  });
});
