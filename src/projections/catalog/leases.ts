import { coalesce } from "../../platform/coalesce.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { BuildCatalog } from "../engine/ports/buildCatalog.ts";

type LeaseRequest = { readonly name: string; readonly holder: string; readonly ms: number };
type Membership = { readonly members: string; readonly member: string; readonly ms: number };

/**
 * The maximum validity of a lease, in ms. A lease that ends later was written before the clock of Postgres was set
 * back, and counts as expired. Leases are taken for at most half of it: a statement that waits for another's row
 * compares the row with its own start time.
 */
const longestMs = 120_000;

/** SQL that is true while a lease is held. */
const isHeld = `leases.until BETWEEN now() AND now() + interval '${longestMs} milliseconds'`;

/**
 * The part of the catalog for leases. Only the clock of Postgres counts. Requests of one turn of the event loop share a
 * statement.
 */
export function createLeases(
  pool: Pool,
): Pick<BuildCatalog, "takeLease" | "releaseLease" | "join" | "leave" | "silentFor" | "fedBuilds"> {
  const take = async (asked: readonly LeaseRequest[]): Promise<readonly number[]> => {
    const found = await pool.query<{ left: number | null }>({
      name: "take leases",
      // In the order of their names, so that two processes never wait for each other.
      text: `WITH asked AS (
               SELECT * FROM unnest($1::text[], $2::text[], $3::float8[]) WITH ORDINALITY AS a(name, holder, ms, number)),
             taken AS (
               INSERT INTO projections.leases (name, holder, until)
               SELECT name, holder, now() + ms * interval '1 millisecond' FROM asked ORDER BY name
               ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                 WHERE leases.holder = excluded.holder OR NOT ${isHeld} RETURNING name)
             SELECT CASE WHEN taken.name IS NOT NULL THEN 0
               ELSE greatest(1, ceil(extract(epoch FROM leases.until - now()) * 1000)) END::float8 AS left
             FROM asked LEFT JOIN taken USING (name) LEFT JOIN projections.leases USING (name) ORDER BY asked.number`,
      values: columnsOf(asked, "name", "holder", "ms"),
    });
    // Null: two processes took it at the same time, and the later one did not see the other's row.
    return found.rows.map(({ left }) => left ?? 1);
  };

  const joinAll = async (asked: readonly Membership[]): Promise<readonly (readonly string[])[]> => {
    const found = await pool.query<{ number: bigint; holder: string }>({
      name: "join builds",
      // The first process that notices deletes expired members; no process waits for a row that another is deleting.
      text: `WITH asked AS (
               SELECT * FROM unnest($1::text[], $2::text[], $3::float8[]) WITH ORDINALITY AS a(members, member, ms, number)),
             gone AS (
               SELECT name FROM projections.leases
               WHERE NOT ${isHeld} AND EXISTS (SELECT FROM asked WHERE starts_with(name, members) AND holder <> member)
               FOR UPDATE SKIP LOCKED),
             deleted AS (DELETE FROM projections.leases USING gone WHERE leases.name = gone.name),
             own AS (
               INSERT INTO projections.leases (name, holder, until)
               SELECT members || member, member, now() + ms * interval '1 millisecond' FROM asked ORDER BY 1
               ON CONFLICT (name) DO UPDATE SET until = excluded.until)
             SELECT asked.number, leases.holder FROM asked JOIN projections.leases
               ON starts_with(leases.name, members) AND ${isHeld} AND leases.holder <> member`,
      values: columnsOf(asked, "members", "member", "ms"),
    });
    return asked.map(({ member }, index) => {
      const others = found.rows.filter(({ number }) => Number(number) === index + 1).map(({ holder }) => holder);
      return [...others, member].sort();
    });
  };

  const takeOne = coalesce(inRounds(({ name }: LeaseRequest) => name, take));
  const joinOne = coalesce(inRounds(({ members, member }: Membership) => members + member, joinAll));

  return {
    takeLease: (name, holder, ms) => takeOne({ name, holder, ms }),

    async releaseLease(name, holder) {
      await pool.query("DELETE FROM projections.leases WHERE name = $1 AND holder = $2", [name, holder]);
    },

    join: (group, member, ms) => joinOne({ members: membersOf(group), member, ms }),

    async leave(group, member) {
      await pool.query("DELETE FROM projections.leases WHERE name = $1", [membersOf(group) + member]);
    },

    async silentFor() {
      const { rows } = await pool.query<{ build: string; ms: number }>({
        name: "how long builds have been without workers",
        text: `SELECT split_part(name, ' ', 2) AS build, (extract(epoch FROM now() - max(until)) * 1000)::float8 AS ms
               FROM projections.leases WHERE starts_with(name, 'work ') AND (${isHeld} OR until < now()) GROUP BY 1`,
      });
      return new Map(rows.map(({ build, ms }) => [build, ms]));
    },

    async fedBuilds() {
      const { rows } = await pool.query<{ build: string }>(
        `SELECT split_part(name, ' ', 2) AS build FROM projections.leases
         WHERE split_part(name, ' ', 1) IN ('dispatch', 'fill') AND ${isHeld}`,
      );
      return new Set(rows.map(({ build }) => build));
    },
  };
}

/** The prefix of the names of the leases that workers hold on a build or another group. */
const membersOf = ({ name }: { readonly name: string }) => `work ${name} `;

/** Splits requests for the same row into several statements, because a statement can write a row only once. */
function inRounds<Question, Answer>(
  rowOf: (question: Question) => string,
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (questions: readonly Question[]) => Promise<readonly Answer[]> {
  return async (questions) => {
    const rounds: number[][] = [];
    const times = new Map<string, number>();
    for (const [index, question] of questions.entries()) {
      const row = rowOf(question);
      const round = times.get(row) ?? 0;
      times.set(row, round + 1);
      rounds[round] = [...(rounds[round] ?? []), index];
    }
    const answers: Answer[] = new Array(questions.length);
    const askRound = async (round: readonly number[]) => {
      const found = await ask(round.map((index) => questions[index] as Question));
      for (const [nth, index] of round.entries()) answers[index] = found[nth] as Answer;
    };
    await Promise.all(rounds.map(askRound));
    return answers;
  };
}

function columnsOf<Row>(rows: readonly Row[], ...names: readonly (keyof Row)[]): Row[keyof Row][][] {
  return names.map((name) => rows.map((row) => row[name]));
}
