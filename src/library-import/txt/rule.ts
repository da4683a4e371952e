import type { Candidate } from "./candidates.ts";

/** A rule that a file, or a stretch of it, is cut by: the unit its chapters are counted in, and the headings it finds. */
export type Rule = {
  readonly unit: string;
  readonly chapters: readonly Candidate[];
  readonly volumes: readonly Candidate[];
};

/** A rule and what it is worth beside others for the same text. */
export type ScoredRule = Rule & { readonly score: number };
