import { textLength } from "../account.ts";
import { kindOf } from "../headingNames.ts";
import type { ParsedChapter } from "../parsedBook.ts";
import { squeezed } from "../txt/contents.ts";
import { headingForms, isVolumeTitle } from "../txt/forms/headingForms.ts";
import { rankOf } from "../txt/units.ts";
import { type Entry, plainHeading } from "./contents.ts";
import { isNoChapter, linesOf, type Placed, placeEntries, type SpineText } from "./placed.ts";

type Part = Omit<ParsedChapter, "no">;

/** The chapters of an EPUB, the amount of text in headings and title pages, and the entries without text. */
export type Cut = {
  readonly parts: readonly Part[];
  /** In the units of `textLength`. */
  readonly aside: number;
  readonly empty: readonly string[];
};

/** Covers, title pages and text before the first entry are part of the book from this length, in UTF-16 units. */
const leastOfPage = 200;
const leastPreface = 100;
/** The share of lines that are titles, from which a page counts as a table of contents. */
const mostlyTitles = 0.5;

/**
 * Splits the text of an EPUB at the places that its table of contents points to: a chapter may begin within a document (an
 * anchor) and span several. Entries with children are volumes, and so are entries of a flat table that read like one (第一卷 …)
 * and have no text. Without a table each document is a chapter with its first heading.
 */
export function cutByContents(spine: readonly SpineText[], contents: readonly Entry[], bookTitle: string): Cut {
  const book = linesOf(spine);
  const placed = placeEntries(spine, book, contents, bookTitle);
  if (contents.length === 0 || placed.every(({ isVolume }) => isVolume)) return byDocument(spine);
  const collector = new Collector(new Set(placed.map(({ title }) => squeezed(title))));
  collector.preface(book.lines.slice(0, placed[0]!.line));
  cutAtPlaces(placed, book.lines, collector);
  return collector;
}

class Collector implements Cut {
  /** The normalised titles of the book's entries. */
  readonly #titles: ReadonlySet<string>;
  readonly parts: Part[] = [];
  readonly empty: string[] = [];
  aside = 0;

  constructor(titles: ReadonlySet<string>) {
    this.#titles = titles;
  }

  preface(lines: readonly string[]): void {
    const text = lines.join("\n");
    if (text.length >= leastPreface) this.parts.push({ title: "前言", volume: null, kind: "preface", text });
    else this.leaveOut(lines);
  }

  /** Lines that are not text of the book, such as headings. */
  leaveOut(lines: readonly string[]): void {
    for (const line of lines) this.aside += textLength(line);
  }

  part(part: Part, heading: readonly string[]): void {
    this.leaveOut(heading);
    if (part.text === "") {
      if (!isNoChapter(part.title)) this.empty.push(part.title);
    } else if (isNoChapter(part.title) && this.#isPage(part.text)) this.leaveOut([part.text]);
    else this.parts.push(part);
  }

  #isPage(text: string): boolean {
    const lines = text.split("\n");
    const titles = lines.filter((line) => this.#titles.has(squeezed(line))).length;
    return text.length < leastOfPage || titles > mostlyTitles * lines.length;
  }
}

function cutAtPlaces(placed: readonly Placed[], lines: readonly string[], collector: Collector): void {
  let flatVolume: string | null = null;
  placed.forEach((entry, index) => {
    const { line, title, volumes, isVolume } = entry;
    const { text, heading } = textUnder(title, lines.slice(line, placed[index + 1]?.line));
    if (!isVolume && volumes.length === 0 && text === "" && standsAbove(title, placed[index + 1])) {
      flatVolume = title;
      collector.leaveOut(heading);
      return;
    }
    const inVolumes = isVolume ? [...volumes, title] : volumes;
    const own = isVolume || kindOf(title) !== "chapter" ? null : flatVolume;
    const volume = inVolumes.length > 0 ? plainHeading(inVolumes.join(" ")) : own;
    const kind = isVolume ? "preface" : kindOf(title);
    if (isVolume && text === "") collector.leaveOut(heading);
    else collector.part({ title, volume: isVolume || volumes.length > 0 ? volume : own, kind, text }, heading);
  });
}

/**
 * An entry without text in a flat table is the parent of the following ones if it reads like a volume, or more like one than
 * they do.
 */
function standsAbove(title: string, next: Placed | undefined): boolean {
  if (isVolumeTitle(title)) return true;
  const [own, below] = [title, next?.title ?? ""].map((text) => headingForms(text).find(({ loose }) => !loose)?.unit);
  return own !== undefined && below !== undefined && rankOf(own) < 4 && rankOf(own) < rankOf(below);
}

function byDocument(spine: readonly SpineText[]): Cut {
  const headings = spine.flatMap(({ heading }) => (heading === undefined ? [] : [squeezed(heading)]));
  const collector = new Collector(new Set(headings));
  spine.forEach(({ lines, heading }, index) => {
    const first = lines[0] ?? "";
    // A single line is text, whatever it looks like.
    const title = plainHeading(heading ?? (first.length <= 30 && lines.length > 1 ? first : ""));
    const under = textUnder(title, lines);
    if (lines.length === 0) return;
    const part = { title: title || `第${index + 1}节`, volume: null, kind: kindOf(title), text: under.text };
    collector.part(part, under.heading);
  });
  return collector;
}

/** The text without the heading at its beginning, which may span several lines and have other spacing. */
function textUnder(
  title: string,
  lines: readonly string[],
): { readonly text: string; readonly heading: readonly string[] } {
  const wanted = squeezed(title);
  let seen = "";
  for (let index = 0; index < Math.min(lines.length, 4) && seen.length < wanted.length; index += 1) {
    seen += squeezed(lines[index]!);
    if (seen === wanted && wanted !== "") {
      return { text: lines.slice(index + 1).join("\n"), heading: lines.slice(0, index + 1) };
    }
  }
  return { text: lines.join("\n"), heading: [] };
}
