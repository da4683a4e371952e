import type { Layout, Written } from "./prose.ts";

/** A generated file and its correct result. */
export type Case = {
  readonly name: string;
  readonly fileName?: string;
  readonly text: string;
  /** By default UTF-8. */
  readonly encoding?: string;
  readonly layout: Layout;
  readonly title: string;
  readonly author: string | undefined;
  /** All entries in order, the preface and the afterword included. */
  readonly chapters: readonly Written[];
};
