import { expect, test } from "vitest";
import { committedApi, generateApi } from "../../clients/miniprogram/generate/generate.ts";

test("the types of the client are those of the API: after a change of it run `npm run client:types`", async () => {
  expect(await committedApi()).toBe(await generateApi());
});
