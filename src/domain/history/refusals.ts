import { undoRefusals } from "../undo.ts";

/** Why a history refuses a command. */
export const historyRefusals = undoRefusals;

export type HistoryRefusal = keyof typeof historyRefusals;
