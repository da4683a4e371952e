import { expect, test } from "vitest";
import { runWith } from "./fixtures.ts";

const projected = {
  schema: "trial",
  isComplete: true,
  position: 500n,
  tables: [{ table: "shelf_books", rows: 3n }],
  parked: [
    {
      partition: 0,
      key: "d\u001b",
      eventId: "e",
      position: 400n,
      type: "BookAddedToShelf",
      stream: "shelf-d",
      error: "no id",
      events: 2,
      since: new Date(0),
    },
  ],
};

test("project prints the tables and what is parked, and fails when it was interrupted", async () => {
  const asked: unknown[] = [];
  const args = ["replay", "project", "/a/model.ts", "--into", "trial"];
  const done = await runWith(args, {
    projectTrial: async (one) => {
      asked.push(one);
      return projected;
    },
  });
  expect(done).toMatchObject({
    code: 0,
    stdout:
      "trial is at position 500\n  trial.shelf_books  3 rows\nparked: d , 2 events from BookAddedToShelf at 400 on: no id\n",
  });
  expect(asked).toEqual([{ file: "/a/model.ts", schema: "trial", replace: false }]);
  const cut = await runWith([...args, "--json"], { projectTrial: async () => ({ ...projected, isComplete: false }) });
  expect(cut.code).toBe(1);
  expect(JSON.parse(cut.stdout)).toMatchObject({ position: "500", isComplete: false });
  for (const schema of ["public", "projections", "pg_x", "Trial", "shelf_v4_b1", "shelf_v4", "a;b", "1a"])
    expect((await runWith(["replay", "project", "m.ts", "--into", schema])).code, schema).toBe(2);
});

test("trials are listed and dropped", async () => {
  const trial = {
    schema: "trial",
    readModel: "shelf",
    version: 5,
    digest: "d",
    madeBy: "li",
    madeAt: new Date(0),
    filledAt: null,
  };
  expect((await runWith(["replay", "trials"], { listTrials: async () => [trial] })).stdout).toMatch(
    /^SCHEMA .*\ntrial +shelf +5 +li +1970-01-01T00:00:00.000Z +not yet\n$/,
  );
  expect(await runWith(["replay", "trials", "--drop", "trial"], { dropTrial: async () => true })).toMatchObject({
    code: 0,
    stdout: "dropped trial\n",
  });
  expect((await runWith(["replay", "trials", "--drop", "nothing"])).stderr).toBe("heima: there is no trial nothing\n");
});

test("compare tells tables, positions and rows, and ends with 1 when builds differ", async () => {
  const same = {
    builds: { first: "shelf_v4_b1", second: "trial" },
    positions: { first: 5n, second: 5n },
    tables: [{ table: "shelf_books", first: 3n, second: 3n, differences: 0n }],
    shapes: [],
    differences: 0n,
    found: [],
  };
  const args = ["projections", "compare", "shelf", "trial"];
  const equal = await runWith(args, { compareBuilds: async () => same });
  expect(equal).toMatchObject({
    code: 0,
    stdout: "TABLE        shelf_v4_b1  trial  DIFFERENCES\nshelf_books            3      3            0\n",
  });
  const different = await runWith(args, {
    compareBuilds: async () => ({
      ...same,
      positions: { first: 5n, second: 4n },
      shapes: ["the table x is only in the first"],
      differences: 3n,
      found: [
        {
          kind: "different",
          table: "shelf_books",
          key: ["a", "b"],
          columns: [{ column: "group_id", first: null, second: "g1" }],
        },
      ],
    }),
  });
  expect(different.code).toBe(1);
  expect(different.stderr).toBe("heima: shelf and trial differ\n");
  expect(different.stdout.split("\n").slice(2)).toEqual([
    "shelf_v4_b1 is at position 5, trial at 4",
    "the table x is only in the first",
    "different  shelf_books  a/b",
    "    group_id: null and g1",
    "the first 1 are listed",
    "",
  ]);
  const limited = await runWith([...args, "--limit", "0", "--json"], { compareBuilds: async () => same });
  expect(JSON.parse(limited.stdout)).toMatchObject({ differences: "0" });
  expect((await runWith([...args, "--limit", "x"])).code).toBe(2);
});
