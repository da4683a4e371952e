import { type Duck, type DuckOptions, openDuck } from "../duck/database.ts";
import { createEvents, type WholeCopy } from "../duck/eventsTable.ts";
import { type Figures, figuresOf } from "./figures.ts";

/**
 * The figures of what was read from the day `from` to the day `to` (of China, both included), whenever it arrived, as far as the copies have
 * it. Copies should begin with the log: a reader counts as new whose first reading in them is in the period. Without days: from the first day with
 * a reading to the last. Rejects with an Error for people if the copies are empty.
 */
export async function makeFigures(
  copies: readonly WholeCopy[],
  period: { readonly from: string | undefined; readonly to: string | undefined },
  how: Pick<DuckOptions, "limits" | "signal"> = {},
): Promise<Figures> {
  const duck = await openDuck(how);
  try {
    await createEvents(duck, copies, false);
    const { from, to } = await daysOf(duck, period);
    return await figuresOf(duck, from, to);
  } finally {
    duck.close();
  }
}

async function daysOf(
  duck: Duck,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
): Promise<{ from: string; to: string }> {
  if (from !== undefined && to !== undefined) return { from, to };
  const [found] = await duck.rows<{ first: string | null; last: string | null }>(
    "SELECT min(day)::VARCHAR AS first, max(day)::VARCHAR AS last FROM readings",
  );
  if (found?.first == null || found.last == null) throw new Error("nobody has read anything: give --from and --to");
  return { from: from ?? found.first, to: to ?? found.last };
}
