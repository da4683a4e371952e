import { type Client, inTransaction, type Pool, quoted } from "../../platform/postgres.ts";

/** A trial: a read model that is not deployed, built in its own schema. */
export type Trial = {
  readonly schema: string;
  readonly readModel: string;
  readonly version: number;
  /** The digest of the file that declares it. */
  readonly digest: string;
  readonly madeBy: string;
  readonly madeAt: Date;
  /** When it last reached the end of the log; null if it never has. */
  readonly filledAt: Date | null;
};

/** The trials in Postgres. Parked events are dropped with their trial. */
export function createTrials(pool: Pool) {
  const drop = (schema: string) =>
    inTransaction(pool, async (client) => {
      await client.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
      for (const table of ["parked", "parked_keys", "left_out"])
        await client.query(`DELETE FROM projections.${table} WHERE build = $1`, [schema]);
      await client.query("DELETE FROM projections.trials WHERE schema_name = $1", [schema]);
    });

  const list = async (db: Pool | Client = pool): Promise<readonly Trial[]> => {
    const { rows } = await db.query<Trial>(
      `SELECT schema_name AS schema, read_model AS "readModel", version, digest, made_by AS "madeBy", made_at AS "madeAt",
              filled_at AS "filledAt"
       FROM projections.trials ORDER BY made_at, schema_name`,
    );
    return rows;
  };

  return {
    /** The oldest first. */
    list: () => list(),
    /**
     * Registers a trial, and resolves with undefined; if the name is taken, with the existing trial, or `taken` for another
     * schema.
     */
    async add(trial: Omit<Trial, "madeAt" | "filledAt">): Promise<Trial | "taken" | undefined> {
      return inTransaction(pool, async (client) => {
        await client.query("SELECT pg_advisory_xact_lock(hashtext('heima projections.trials'))");
        const known = (await list(client)).find(({ schema }) => schema === trial.schema);
        if (known !== undefined) return known;
        const found = await client.query("SELECT to_regnamespace($1) AS there", [trial.schema]);
        if (found.rows[0]?.there !== null) return "taken";
        await client.query(
          "INSERT INTO projections.trials (schema_name, read_model, version, digest, made_by) VALUES ($1, $2, $3, $4, $5)",
          [trial.schema, trial.readModel, trial.version, trial.digest, trial.madeBy],
        );
        return undefined;
      });
    },
    async markFilled(schema: string): Promise<void> {
      await pool.query("UPDATE projections.trials SET filled_at = now() WHERE schema_name = $1", [schema]);
    },
    /** Drops a trial with its schema. False if there is none. */
    async drop(schema: string): Promise<boolean> {
      if (!(await list()).some((trial) => trial.schema === schema)) return false;
      await drop(schema);
      return true;
    },
    /** Drops all trials that it can; resolves with those that are left, each with the reason. */
    async dropAll(): Promise<readonly { readonly schema: string; readonly error: Error }[]> {
      const left: { schema: string; error: Error }[] = [];
      for (const { schema } of await list())
        await drop(schema).catch((error: Error) => {
          left.push({ schema, error });
        });
      return left;
    },
  };
}
