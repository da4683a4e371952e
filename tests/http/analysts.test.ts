import { afterAll, beforeAll, expect, test } from "vitest";
import type { Role } from "../../src/auth/roles.ts";
import { describedEndpoints } from "./openapi/described.ts";
import { bearer, startApi } from "./startApi.ts";

// Which endpoints accept a token of an analyst. They have no implementation here: no request may get that far.

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi(describedEndpoints());
});
afterAll(() => api.close());

async function told(method: string, path: string, ...roles: Role[]) {
  const url = `${api.url}${path.replace(/\{\w+\}/g, "a")}`;
  const response = await fetch(url, { method: method.toUpperCase(), headers: { authorization: bearer(...roles) } });
  return `${response.status} ${((await response.json()) as { code: string }).code}`;
}

test("the token of an analyst reaches no endpoint of readers or operators, and no other role an analyst's", async () => {
  const endpoints = describedEndpoints();
  const count = { analyst: 0, others: 0 };
  for (const { method, path, access } of endpoints) {
    if (access === "open") continue;
    if (access === "analyst") {
      count.analyst++;
      expect(await told(method, path, "reader", "operator"), path).toBe("403 forbidden");
    } else {
      count.others++;
      expect(await told(method, path, "analyst"), path).toBe("403 forbidden");
    }
  }
  expect(count.analyst).toBeGreaterThanOrEqual(1);
  expect(count.others).toBeGreaterThan(40);
});
