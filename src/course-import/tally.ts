import type { LeftOut } from "./courseRows.ts";
import type { Course } from "./readCourse.ts";
import type { TableName } from "./tables.ts";

/** Counts the outcomes of a table's rows. Rows that were imported before, or changed nothing, are `unchanged`. */
export type Counts = { rows: number; imported: number; unchanged: number; leftOut: number };

/**
 * The result of an import: counts per table, the number of chapters without text in the files, every skipped row, and every skipped field
 * of the others.
 */
export type CourseSummary = {
  readonly tables: Readonly<Partial<Record<TableName, Counts>>>;
  readonly chaptersWithoutText: number;
  readonly leftOut: readonly LeftOut[];
  readonly leftOutFields: readonly LeftOut[];
};

/** Counts the outcomes of rows. For tables whose rows are parts of other tables' rows only `rows` is counted. */
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
    summary: (): CourseSummary => ({
      tables,
      chaptersWithoutText: course.withoutText,
      leftOut,
      leftOutFields: course.leftOutFields,
    }),
  };
}
