import { textLength } from "../account.ts";
import type { ParsedChapter } from "../parsedBook.ts";
import { alike } from "./textHeading.ts";

/** A chapter before it has its number. */
export type Part = Omit<ParsedChapter, "no">;

/** The chapters of an EPUB, the amount of text in headings and title pages, and the entries without text. */
export type Cut = {
  readonly parts: readonly Part[];
  /** In the units of `textLength`. */
  readonly aside: number;
  readonly empty: readonly string[];
  /** Whether entries or headings tell where chapters begin; otherwise each document is one. */
  readonly byHeadings: boolean;
};

/** Covers, title pages and text before the first entry are part of the book from this length, in UTF-16 units. */
const leastOfPage = 200;
const leastPreface = 100;
/** The share of lines that are titles or links, from which a page counts as a table of contents. */
const mostlyTitles = 0.5;
/** This many lines of links, and this share of an entry's text, are a table of contents, whatever its title. */
const surelyLinks = { lines: 3, share: 0.8 };

/** Gathers the parts of a book, and tells its text from pages such as covers and tables of contents. */
export class Collector {
  /** The titles of the book's entries, in their compared form. */
  readonly #titles: ReadonlySet<string>;
  readonly #parts: Part[] = [];
  readonly #pages: Part[] = [];
  readonly #empty: string[] = [];
  #aside = 0;

  constructor(titles: ReadonlySet<string>) {
    this.#titles = titles;
  }

  preface(lines: readonly string[], linked: number): void {
    const text = lines.join("\n");
    if (text.length >= leastPreface && !this.#isTable(lines, linked))
      this.#parts.push({ title: "前言", volume: null, kind: "preface", text });
    else this.leaveOut(lines);
  }

  /** Lines that are not text of the book, such as headings. */
  leaveOut(lines: readonly string[]): void {
    for (const line of lines) this.#aside += textLength(line);
  }

  part(part: Part, lines: readonly string[], { isPage, linked }: { isPage: boolean; linked: number }): void {
    const isTable = linked >= surelyLinks.lines && linked >= surelyLinks.share * lines.length;
    if (lines.length === 0) {
      if (!isPage) this.#empty.push(part.title);
    } else if (isTable || (isPage && (part.text.length < leastOfPage || this.#isTable(lines, linked)))) {
      this.leaveOut(lines);
      this.#pages.push(part);
    } else this.#parts.push(part);
  }

  #isTable(lines: readonly string[], linked: number): boolean {
    const titles = lines.filter((line) => this.#titles.has(alike(line))).length;
    return Math.max(titles, linked) > mostlyTitles * lines.length;
  }

  /** A book of nothing but pages has these. */
  cut(byHeadings: boolean): Cut {
    const parts = this.#parts.length > 0 ? this.#parts : this.#pages;
    const aside = this.#parts.length > 0 ? this.#aside : 0;
    return { parts, aside, empty: this.#empty, byHeadings };
  }
}
