import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PreferencesCommand, preferencesDecider } from "../../src/domain/preferences/decider.ts";
import { defaultPreferences, defaultSettings } from "../../src/domain/preferences/defaults.ts";
import {
  type Chosen,
  maxChosenCategories,
  type PreferencesEvent,
  preferences,
  settings,
} from "../../src/domain/preferences/events.ts";

const { initialState, evolve } = preferencesDecider;
const decide = (command: PreferencesCommand, chosen: Chosen = initialState) =>
  preferencesDecider.decide(command, chosen) as readonly PreferencesEvent[];
const obey = (chosen: Chosen, command: PreferencesCommand) => decide(command, chosen).reduce(evolve, chosen);
const [fantasy, classics] = ["c00000000001", "s00000000002"] as const;

describe("what a reader likes", () => {
  test("is recorded completely, whatever was changed of it", () => {
    expect(decide({ type: "ChoosePreferences", channel: "female" })).toEqual([
      { type: "ReadingPreferenceChosen", data: { ...defaultPreferences, channel: "female" } },
    ]);
    const chosen = obey(initialState, { type: "ChoosePreferences", channel: "female", categoryIds: [fantasy] });
    expect(decide({ type: "ChoosePreferences", progressPolicy: "latest", channel: undefined }, chosen)).toEqual([
      {
        type: "ReadingPreferenceChosen",
        data: { channel: "female", categoryIds: [fantasy], progressPolicy: "latest" },
      },
    ]);
  });

  test("is ignored when it is so already; the order of categories counts", () => {
    expect(decide({ type: "ChoosePreferences", channel: null, categoryIds: [], progressPolicy: "ask" })).toEqual([]);
    expect(decide({ type: "ChoosePreferences" })).toEqual([]);
    const chosen = obey(initialState, { type: "ChoosePreferences", categoryIds: [fantasy, classics] });
    expect(decide({ type: "ChoosePreferences", categoryIds: [fantasy, classics] }, chosen)).toEqual([]);
    expect(decide({ type: "ChoosePreferences", categoryIds: [classics, fantasy] }, chosen)).toHaveLength(1);
  });
});

test("settings are recorded completely and do not change what a reader likes", () => {
  const chosen = obey(initialState, { type: "ChoosePreferences", channel: "male" });
  expect(decide({ type: "AdjustSettings", brightness: 80, background: "B6" }, chosen)).toEqual([
    { type: "ReaderSettingsAdjusted", data: { ...defaultSettings, brightness: 80, background: "B6" } },
  ]);
  const adjusted = obey(chosen, { type: "AdjustSettings", brightness: 80 });
  expect(adjusted.preferences).toEqual(chosen.preferences);
  expect(decide({ type: "AdjustSettings", brightness: 80 }, adjusted)).toEqual([]);
});

test("of two devices that set different things neither takes back what the other set, in any order", () => {
  const some = fc.record(
    {
      brightness: fc.integer({ min: 10, max: 100 }),
      fontSize: fc.integer({ min: 8, max: 48 }),
      background: fc.constantFrom("B1" as const, "B4" as const),
      pageTurn: fc.constantFrom("T1" as const, "T3" as const),
      lineSpacing: fc.integer({ min: 100, max: 300 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(some, some, (one, other) => {
      const others = Object.fromEntries(Object.entries(other).filter(([name]) => !(name in one)));
      const first: PreferencesCommand = { type: "AdjustSettings", ...one };
      const second: PreferencesCommand = { type: "AdjustSettings", ...others };
      const expected = { ...defaultSettings, ...one, ...others };
      expect([first, second].reduce(obey, initialState).settings).toEqual(expected);
      expect([second, first].reduce(obey, initialState).settings).toEqual(expected);
      expect([first, second, first].reduce(obey, initialState).settings).toEqual(expected);
    }),
  );
});

test("what an import brings changes nothing once the reader has chosen of that kind", () => {
  const choice = { type: "ChoosePreferences", channel: "male", isPast: true } as const;
  const setting = { type: "AdjustSettings", brightness: 80, isPast: true } as const;
  expect(decide(choice)).toEqual([
    { type: "ReadingPreferenceChosen", data: { ...defaultPreferences, channel: "male" } },
  ]);
  expect(decide(setting)).toEqual([{ type: "ReaderSettingsAdjusted", data: { ...defaultSettings, brightness: 80 } }]);
  // Also if the reader returned to the defaults.
  const back: PreferencesCommand[] = [80, defaultSettings.brightness].map((brightness) => ({
    type: "AdjustSettings",
    brightness,
  }));
  const adjusted = back.reduce(obey, initialState);
  expect([decide(setting, adjusted), decide(choice, adjusted)].map(({ length }) => length)).toEqual([0, 1]);
  const chosen = obey(initialState, { type: "ChoosePreferences", progressPolicy: "latest" });
  expect([decide(setting, chosen), decide(choice, chosen)].map(({ length }) => length)).toEqual([1, 0]);
});

test("the defaults are lawful", () => {
  expect(preferences.parse(defaultPreferences)).toEqual(defaultPreferences);
  expect(settings.parse(defaultSettings)).toEqual(defaultSettings);
});

test.each<[string, unknown]>([
  ["brightness", 9],
  ["brightness", 101],
  ["brightness", 30.5],
  ["fontSize", 7],
  ["fontSize", 49],
  ["background", "B0"],
  ["background", "B7"],
  ["pageTurn", "T4"],
  ["lineSpacing", 99],
  ["lineSpacing", 301],
])("%s is not %j", (field, value) => {
  expect(settings.safeParse({ ...defaultSettings, [field]: value }).success).toBe(false);
});

test.each<[string, unknown]>([
  ["channel", "children"],
  ["progressPolicy", "newest"],
  ["categoryIds", [fantasy, fantasy]],
  ["categoryIds", ["b00000000001"]],
  ["categoryIds", Array.from({ length: maxChosenCategories + 1 }, (_, n) => `c${String(n).padStart(11, "0")}`)],
])("%s is not %j", (field, value) => {
  expect(preferences.safeParse({ ...defaultPreferences, [field]: value }).success).toBe(false);
});
