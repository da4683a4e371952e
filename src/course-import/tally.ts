import type { Course, LeftOut } from "./readCourse.ts";
import type { TableName } from "./tables.ts";

/** What became of the rows of a table. Rows that were there before, or changed nothing, are `unchanged`. */
export type Counts = { rows: number; imported: number; unchanged: number; leftOut: number };

/** What an import did: a line for each file, and every row that was left out. */
export type CourseSummary = {
  readonly tables: Readonly<Partial<Record<TableName, Counts>>>;
  readonly leftOut: readonly LeftOut[];
};

/** Counts what becomes of rows. Tables whose rows are part of others' have no numbers beyond their rows. */
export function startTally(course: Course) {
  const tables: Partial<Record<TableName, Counts>> = {};
  for (const [table, rows] of course.rows) tables[table] = { rows, imported: 0, unchanged: 0, leftOut: 0 };
  const leftOut = [...course.leftOut];
  for (const { table } of course.leftOut) {
    const counts = tables[table];
    if (counts !== undefined) counts.leftOut += 1;
  }
  return {
    count(table: TableName, what: "imported" | "unchanged"): void {
      const counts = tables[table];
      if (counts !== undefined) counts[what] += 1;
    },
    leaveOut(table: TableName, id: number, reason: string): void {
      const counts = tables[table];
      if (counts !== undefined) counts.leftOut += 1;
      leftOut.push({ table, ...course.placeOf(table, id), reason });
    },
    summary: (): CourseSummary => ({ tables, leftOut }),
  };
}
