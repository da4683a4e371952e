import type { Child } from "../../embedded/childProcess.ts";

/** A system whose commands are measured: an API and its projector. */
export type System = {
  readonly letter: string;
  readonly title: string;
  /** Where it stores acknowledged changes: streams of a category, or the table `shelf_log` of a database; nowhere if it stores nothing. */
  readonly keeps?: { readonly category: string } | { readonly database: string };
  startApi(): Promise<{ readonly url: string; readonly child: Pick<Child, "pid" | "stop"> }>;
  /** Starts the projector for a turn. */
  startProjecting?(): Promise<readonly { readonly name: string; readonly child: Pick<Child, "pid" | "stop"> }[]>;
  /** Resolves with whether its read models have all acknowledged changes. */
  isUpToDate?(url: string, acknowledged: number): Promise<boolean>;
};
