import { expect, test } from "vitest";
import { loadConfig, wrongSettings } from "../../src/platform/config.ts";

test.each([
  ["JWT_SECRETS", "a-secret-of-32-characters-or-more", "another-of-32-characters-or-more-"],
  ["SESSION_ENCRYPTION_KEYS", Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")],
  ["PSEUDONYM_KEYS", Buffer.alloc(32, 1).toString("base64"), Buffer.alloc(32, 2).toString("base64")],
] as const)("%s has no two keys of one name", (name, first, second) => {
  expect(loadConfig([name], { [name]: `k2:${second},k1:${first}` })[name]).toMatchObject([
    { kid: "k2" },
    { kid: "k1" },
  ]);
  const twice = { [name]: `k1:${second},k1:${first}` };
  expect(() => loadConfig([name], twice)).toThrow(new RegExp(`\\n {2}${name}: must have kids that differ$`));
  expect(wrongSettings(twice)).toContainEqual({ name, problem: "must have kids that differ" });
});

test.each([
  ["PROJECTION_PARTITIONS", "PROJECTION_LANES", 7],
  ["RESPONSE_CACHE_MB", "KEPT_ANSWERS_MB", 12],
] as const)("%s is still read by its former name %s", (name, former, value) => {
  expect(loadConfig([name], { [former]: `${value}` })).toEqual({ [name]: value });
  expect(loadConfig([name], { [former]: `${value}`, [name]: "3" })).toEqual({ [name]: 3 });
  expect(wrongSettings({ [former]: "many" }).map((wrong) => wrong.name)).toContain(name);
});
