import type { ParsedChapter } from "../parsedBook.ts";

/** A heading of the file. Its text begins after the line `end`; a volume's heading stands above those of its chapters. */
export type Heading = {
  readonly line: number;
  readonly end: number;
  readonly title: string;
  readonly role: "volume" | "chapter";
  readonly kind: ParsedChapter["kind"];
  /** The volume that the heading names on its own line. */
  readonly volume?: string;
  /** How high a volume stands: that of a lower number holds those of higher ones. */
  readonly level: number;
  /** The title without its number. */
  readonly rest: string;
  /** The number is all that it says. */
  readonly bare: boolean;
};
