import { describe, expect, test } from "vitest";
import { createPool } from "../../../src/platform/postgres.ts";
import { classify } from "../../../src/projections/stores/postgres/classify.ts";
import { createPostgresStore } from "../../../src/projections/stores/postgres/store.ts";
import { logger } from "../fixtures.ts";
import { freshStore } from "../store.ts";
import { readModelStoreContract } from "./contract.ts";

readModelStoreContract("Postgres", async () => {
  const { pool, catalog, store, close } = await freshStore();
  // Port 1 of this machine: nothing listens there.
  const nowhere = createPool({ url: "postgres://nobody@127.0.0.1:1/none", max: 1, service: "test", logger });
  return {
    store,
    catalog,
    async queried({ name, version }) {
      const view = `${name}_v${version}.visits`;
      const found = await pool.query("SELECT to_regclass($1) IS NOT NULL AS there", [view]);
      return found.rows[0].there
        ? (await pool.query(`SELECT * FROM ${view} ORDER BY reader_id, room`)).rows
        : undefined;
    },
    unreachable: createPostgresStore(nowhere),
    async close() {
      await nowhere.end();
      await close();
    },
  };
});

describe("an error of Postgres", () => {
  const errorOf = (code: string) => Object.assign(new Error(code), { code });

  test.each(["21000", "22021", "22P02", "23505", "23514", "54000"])("%s is the contents' fault", (code) => {
    expect(classify(errorOf(code))).toBe("refused");
  });

  // Connection, serialisation, resources, lock, shutdown, system, a missing table; and codes that are no SQLSTATE.
  test.each(["08006", "40001", "40P01", "53100", "55P03", "57P01", "58030", "42P01", "ECONNREFUSED", "2200", "220011"])(
    "%s is not",
    (code) => {
      expect(classify(errorOf(code))).toBe("fault");
    },
  );
});
