import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { createCatalog } from "../../src/projections/catalog/catalog.ts";
import type { Build } from "../../src/projections/engine/core/build.ts";
import type { ReadModel } from "../../src/projections/engine/core/declaration.ts";
import { createPostgresStore } from "../../src/projections/stores/postgres/store.ts";
import { freshDatabase } from "../support/database.ts";
import { logger, oneMore } from "./fixtures.ts";

/** A separate database for the test file, with the queries that tests need. Call it in beforeAll, `close` in afterAll. */
export async function freshStore() {
  const database = await freshDatabase();
  const pool = createPool({ url: database.url, max: 8, service: "test", logger });
  const catalog = createCatalog(pool, oneMore);
  const store = createPostgresStore(pool);
  /** A new build: not filled, not live. */
  const add = async (readModel: ReadModel, partitions = 1): Promise<Build> => {
    const build = await catalog.add(readModel, partitions);
    if (build === undefined) throw new Error(`${readModel.name} was not added`);
    await store.open(build);
    return build;
  };
  return {
    url: database.url,
    pool,
    catalog,
    store,
    add,
    /** The live build of a read model: the existing one, or a new one. */
    build: async (readModel: ReadModel, partitions = 1): Promise<Build> => {
      const known = (await catalog.buildsOf(readModel)).find(({ state }) => state === "live");
      if (known !== undefined) return known.build;
      const build = await add(readModel, partitions);
      await store.takeOver(build, undefined, async () => true);
      return build;
    },
    /** All rows of a table, by primary key. */
    rows: async (build: Build, table: string): Promise<readonly Record<string, unknown>[]> => {
      const order = build.readModel.tables[table]?.primaryKey.join(", ");
      const found = await pool.query(`SELECT * FROM ${build.name}.${table} ORDER BY ${order}`);
      return found.rows;
    },
    /** `reader → books added` of a tally. */
    tally: async (build: Build): Promise<Record<string, number>> => {
      const found = await pool.query(`SELECT reader_id, added FROM ${build.name}.tallies ORDER BY reader_id`);
      return Object.fromEntries(found.rows.map(({ reader_id, added }) => [reader_id, added]));
    },
    positions: async (build: Build): Promise<readonly bigint[]> =>
      (await store.checkpoints(build)).map(({ position }) => position),
    /** Makes every write to a table of the build fail until the returned function is called. */
    breakTable: async (build: Build, table: string) => {
      await pool.query(`
        CREATE FUNCTION ${build.name}.break() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN RAISE EXCEPTION 'this table is broken' USING ERRCODE = '58030'; END $$;
        CREATE TRIGGER break BEFORE INSERT OR UPDATE ON ${build.name}.${table} EXECUTE FUNCTION ${build.name}.break()`);
      return () => pool.query(`DROP FUNCTION ${build.name}.break CASCADE`);
    },
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}
export type Store = Awaited<ReturnType<typeof freshStore>>;

/** A pool whose transactions send each statement through `around`. */
export function intercepted(pool: Pool, around: (text: string, run: () => Promise<unknown>) => Promise<unknown>): Pool {
  const connect = async () => {
    const client = await pool.connect();
    return new Proxy(client, {
      get(target, property) {
        if (property === "query") {
          const query = (config: string | { text: string }, values?: unknown[]) =>
            around(typeof config === "string" ? config : config.text, () => target.query(config as string, values));
          return query;
        }
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  return Object.assign(Object.create(pool) as Pool, { connect, query: pool.query.bind(pool) });
}
