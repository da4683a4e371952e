import { expect, test } from "vitest";
import { outageOf } from "../../../src/http/dependencyErrors.ts";
import { ensureBuilds } from "../../../src/projections/engine/builds/ensureBuilds.ts";
import { isAway } from "../../../src/projections/stores/postgres/classify.ts";
import { logger, tallyOf } from "../fixtures.ts";

const failure = (code: string) => Object.assign(new Error("no"), { code });
const readModels = [tallyOf("ensured")];

test.each(["EAI_AGAIN", "ENOTFOUND", "ECONNREFUSED", "57P03", "25006"])(
  "Postgres is waited for while it answers %s, and a request gets 503",
  async (code) => {
    let calls = 0;
    const add = async () => {
      if (++calls === 1) throw failure(code);
      return undefined;
    };
    await ensureBuilds({ add, isAway }, readModels, 1, logger);
    expect(calls).toBe(2);
    expect(outageOf(failure(code))).toBe("A database or queue server does not respond.");
  },
);

test("an error that no waiting mends ends the process, and is no outage", async () => {
  const add = () => Promise.reject(failure("42601"));
  await expect(ensureBuilds({ add, isAway }, readModels, 1, logger)).rejects.toThrow("no");
  expect(outageOf(failure("42601"))).toBeUndefined();
});
