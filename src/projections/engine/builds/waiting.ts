import type { BuildRecord, Waits } from "../ports/buildCatalog.ts";

/** Returns whether the fill of the build may not begin yet. */
export const isWaiting = ({ waits }: Pick<BuildRecord, "waits">): boolean =>
  waits !== undefined && waits.until.getTime() > Date.now();

/** As text for people. */
export const waitsText = ({ until, replacements }: Waits): string =>
  `waits until ${until.toISOString()}, because ${replacements} builds in a row had to be replaced`;
