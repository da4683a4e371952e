import type { Refusal } from "./decider.ts";
import type { RefusalDefinitions } from "./stream.ts";

/** For how long a removal can be undone: 24 hours by the API's clock. */
const undoableForMs = 24 * 60 * 60 * 1_000;

/** Why a removal or clearing cannot be undone, common to all streams. */
export const undoRefusals = {
  nothing_to_undo: { is: "conflict", title: "There is no removal to undo" },
  undo_too_late: { is: "conflict", title: "The last removal is too old to be undone" },
} as const satisfies RefusalDefinitions;

export type UndoRefusal = keyof typeof undoRefusals;

/** Refuses the undo if there is no removal or if it is older than 24 hours at the time `now`; both times are ISO 8601. */
export function refuseUndo(removedAt: string | undefined, now: string): Refusal<UndoRefusal> | undefined {
  if (removedAt === undefined) return { refused: "nothing_to_undo", detail: "There is no earlier removal." };
  if (Date.parse(now) - Date.parse(removedAt) <= undoableForMs) return undefined;
  return { refused: "undo_too_late", detail: `The last removal, of ${removedAt}, is more than 24 hours old.` };
}
