import { codeOf, meansOutage, meansRefusal } from "../../../platform/outageCodes.ts";

/** See `ReadModelStore.classify`. */
export function classify(error: unknown): "refused" | "fault" {
  return meansRefusal(codeOf(error)) ? "refused" : "fault";
}

/**
 * See `BuildCatalog.isAway`: what `meansOutage` names, any other code of Node, since only the connection has one here (of a socket file:
 * ENOENT), and what is in use (SQLSTATE class 55).
 */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return (
    meansOutage(code) ||
    /^(E[A-Z]+|55...)$/.test(code) ||
    (error instanceof Error && /Connection terminated|timeout/i.test(error.message))
  );
}
