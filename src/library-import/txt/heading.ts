import type { ParsedChapter } from "../parsedBook.ts";

/** A heading of the file; a volume's heading stands above those of its chapters. */
export type Heading = {
  /** Its first line. Its text is what follows up to the next heading, without the lines that are its own. */
  readonly line: number;
  /** Its last line: a title, or the heading again, may stand below the number. */
  readonly end: number;
  /** The lines that it takes, in order. */
  readonly own: readonly number[];
  readonly title: string;
  readonly role: "volume" | "chapter";
  readonly kind: ParsedChapter["kind"];
  /** The volume that the heading names on its own line. */
  readonly volume?: string;
  /** The level of a volume: one of a lower number holds those of higher ones. */
  readonly level: number;
  /** The title without its number. */
  readonly rest: string;
  /** The heading has only a number. */
  readonly bare: boolean;
};
