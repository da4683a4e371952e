import type { Child } from "../../embedded/childProcess.ts";

/** What commands one measures: an API and what projects its events. */
export type System = {
  readonly letter: string;
  readonly title: string;
  /** Where it keeps what it acknowledged: streams of a category, or the table `shelf_log` of a database; nowhere if it stores nothing. */
  readonly keeps?: { readonly category: string } | { readonly database: string };
  startApi(): Promise<{ readonly url: string; readonly child: Pick<Child, "pid" | "stop"> }>;
  /** Starts what projects, for a turn. */
  startProjecting?(): Promise<readonly { readonly name: string; readonly child: Pick<Child, "pid" | "stop"> }[]>;
  /** Whether its read models have all that was acknowledged so far. */
  isUpToDate?(url: string, acknowledged: number): Promise<boolean>;
};
