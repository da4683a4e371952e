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

  test("has a profile's change written once, and stays registered", () => {
    const profile = { profileId: "01890a5d-ac96-774b-bcce-b302099a8059", via: "wechat" } as const;
    const changed = { type: "ReaderProfileChanged", data: profile } as const;
    const account = evolve(initialState, registered);
    expect(decide({ type: "ChangeProfile", ...profile }, account)).toEqual([changed]);
    expect(decide({ type: "ChangeProfile", ...profile }, evolve(account, changed))).toEqual([]);
    expect(decide(register, evolve(account, changed))).toEqual([]);
  });

  test("is erased once and for good", () => {
    const erased = { type: "ReaderErased", data: {} } as const;
    expect(decide({ type: "EraseReader" }, initialState)).toEqual([erased]);
    const account = evolve(evolve(initialState, registered), erased);
    expect(decide({ type: "EraseReader" }, account)).toEqual([]);
    expect(decide(register, account)).toMatchObject({ refused: "reader_erased" });
    const profile = { profileId: "01890a5d-ac96-774b-bcce-b302099a8059", via: "wechat" } as const;
    expect(decide({ type: "ChangeProfile", ...profile }, account)).toMatchObject({ refused: "reader_erased" });
  });
});
