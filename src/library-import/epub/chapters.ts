import { textLength } from "../account.ts";
import type { ParsedChapter } from "../parsedBook.ts";
import { isVolumeTitle } from "../txt/forms/headingForms.ts";
import { rankOf } from "../txt/units.ts";
import { type Entry, plainHeading } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { runningHeads } from "./ownHeading.ts";
import { isNavigation, kindOfPage } from "./pages.ts";
import { type Placed, placeEntries } from "./placed.ts";
import { alike, numberedForm, textHeading } from "./textHeading.ts";

type Part = Omit<ParsedChapter, "no">;

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
/** So many lines of links, and so large a share of an entry's text, are a table of contents whatever it is called. */
const surelyLinks = { lines: 3, share: 0.8 };
/** The longest text of a volume in a flat table, above its first chapter. */
const longestVolumeIntro = 3_000;
/** A line that is taken for a title because it stands first is no longer, in UTF-16 units. */
const longestFirst = 30;
/** Without a table of contents, headings cut a book if so large a share of its documents begins with one. */
const mostlyHeadings = 0.3;
/** Titles of documents are titles of chapters if so large a share of them differs. */
const mostlyDiffer = 0.8;

/** All lines of a book's documents in order, with what is known of each. */
type Book = {
  readonly lines: readonly string[];
  readonly starts: readonly number[];
  readonly marked: ReadonlySet<number>;
  readonly linked: ReadonlySet<number>;
  readonly heads: ReadonlySet<string>;
};

/**
 * Splits the text of an EPUB at the places that its table of contents points to: a chapter may begin within a document (an
 * anchor) and span several. Entries with children are volumes, and so are entries of a flat table that read like one (第一卷 …)
 * and have next to no text. Without a table chapters begin where documents have headings, or with each document.
 */
export function cutByContents(spine: readonly SpineText[], contents: readonly Entry[], bookTitle: string): Cut {
  const heads = runningHeads(spine, bookTitle);
  const book = bookOf(spine, heads);
  const placed = placeEntries(spine, book.starts, contents, { bookTitle, heads });
  const filled = spine.filter(({ lines }) => lines.length > 0).length;
  const isRare = contents.length === 0 && placed.length < mostlyHeadings * filled;
  if (isRare || placed.every(({ isVolume }) => isVolume)) return byDocument(spine, book);
  const collector = new Collector(new Set(placed.map(({ title }) => alike(title))));
  const first = placed[0]!.line;
  collector.preface(book.lines.slice(0, first), linkedBetween(book, 0, first));
  cutAtPlaces(placed, book, collector);
  return collector.cut(true);
}

function bookOf(spine: readonly SpineText[], heads: ReadonlySet<string>): Book {
  const lines: string[] = [];
  const marked = new Set<number>();
  const linked = new Set<number>();
  const starts = spine.map((document) => {
    const start = lines.length;
    for (const line of document.lines) lines.push(line);
    for (const line of document.linked) linked.add(start + line);
    for (const { line, end } of document.headings) for (let at = line; at < end; at += 1) marked.add(start + at);
    return start;
  });
  return { lines, starts, marked, linked, heads };
}

function linkedBetween({ linked }: Book, from: number, to: number): number {
  let count = 0;
  for (let line = from; line < to; line += 1) if (linked.has(line)) count += 1;
  return count;
}

class Collector {
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

function cutAtPlaces(placed: readonly Placed[], book: Book, collector: Collector): void {
  let flatVolume: string | null = null;
  placed.forEach((entry, index) => {
    const { line, volumes, isVolume, isPage } = entry;
    const next = placed[index + 1];
    const { title, lines, linked } = textUnder(entry.title, line, next?.line ?? book.lines.length, book, collector);
    const text = lines.join("\n");
    const opens =
      !isVolume && volumes.length === 0 && text.length <= longestVolumeIntro && standsAbove(title, text, next);
    if (opens) flatVolume = title;
    const inVolumes = isVolume ? [...volumes, title] : volumes;
    const own = kindOfPage(title) === "chapter" ? flatVolume : null;
    const volume = inVolumes.length > 0 ? plainHeading(inVolumes.join(" ")) : own;
    const kind = isVolume || opens ? "preface" : kindOfPage(title);
    if ((isVolume || opens) && text === "") return;
    collector.part({ title, volume, kind, text }, lines, { isPage, linked });
  });
}

/**
 * An entry of a flat table is the parent of the following ones if it reads like a volume, or more like one than they do. One
 * with text is no parent of others of its own form.
 */
function standsAbove(title: string, text: string, next: Placed | undefined): boolean {
  const [own, below] = [title, next?.title ?? ""].map((written) => {
    const form = numberedForm(written);
    return form === undefined || form.loose ? undefined : rankOf(form.unit);
  });
  const isAbove = own !== undefined && below !== undefined && own < 4 && own < below;
  return isAbove || (text === "" && isVolumeTitle(title));
}

function byDocument(spine: readonly SpineText[], book: Book): Cut {
  const names = new Set(spine.flatMap(({ name }) => (name === "" || book.heads.has(alike(name)) ? [] : [alike(name)])));
  const areTitles = names.size > 1 && names.size >= mostlyDiffer * spine.length;
  const collector = new Collector(new Set(spine.flatMap(({ headings }) => headings.map(({ text }) => alike(text)))));
  spine.forEach((document, index) => {
    const { lines, headings, name } = document;
    if (lines.length === 0) return;
    const first = lines[0]!;
    // A single line is text, whatever it looks like.
    const short = first.length <= longestFirst && lines.length > 1 ? first : "";
    const marked = headings.find(({ line }) => line <= 1)?.text;
    const start = book.starts[index]!;
    const named = plainHeading(marked ?? (areTitles && name !== "" ? name : short));
    const under = textUnder(named, start, start + lines.length, book, collector);
    const title = under.title || `第${index + 1}节`;
    const part = { title, volume: null, kind: kindOfPage(title), text: under.lines.join("\n") };
    collector.part(part, under.lines, { isPage: false, linked: under.linked });
  });
  return collector.cut(false);
}

/** The lines from one place to another without their heading and links to neighbours; `linked` counts the other links. */
function textUnder(
  entry: string,
  from: number,
  to: number,
  { lines, marked, linked, heads }: Book,
  collector: Collector,
): { readonly title: string; readonly lines: readonly string[]; readonly linked: number } {
  const own = lines.slice(from, to);
  const { title, length } = textHeading(entry, { lines: own, isMarked: (line) => marked.has(from + line) }, heads);
  collector.leaveOut(own.slice(0, length));
  const text: string[] = [];
  let links = 0;
  for (let line = length; line < own.length; line += 1) {
    const isLink = linked.has(from + line);
    if (isLink && isNavigation(own[line]!)) collector.leaveOut([own[line]!]);
    else {
      text.push(own[line]!);
      if (isLink) links += 1;
    }
  }
  return { title, lines: text, linked: links };
}
