import type { SpineText } from "./documentText.ts";
import { isNavigation } from "./pages.ts";
import { textHeading } from "./textHeading.ts";

/** All lines of a book's documents in order, with what is known of each. */
export type BookLines = {
  readonly lines: readonly string[];
  readonly starts: readonly number[];
  readonly marked: ReadonlySet<number>;
  readonly linked: ReadonlySet<number>;
  readonly heads: ReadonlySet<string>;
};

/** Puts the documents of a spine one after another. `heads` are running heads, in their compared form. */
export function bookLines(spine: readonly SpineText[], heads: ReadonlySet<string>): BookLines {
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

/** Returns the number of lines from one place to another that are mostly links. */
export function linkedBetween({ linked }: BookLines, from: number, to: number): number {
  let count = 0;
  for (let line = from; line < to; line += 1) if (linked.has(line)) count += 1;
  return count;
}

/** The text below an entry. */
export type TextUnder = {
  readonly title: string;
  readonly lines: readonly string[];
  /** The number of these lines that are mostly links. */
  readonly linked: number;
  /** The lines of its heading, and links to its neighbours. */
  readonly aside: readonly string[];
};

/** The lines from one place to another, parted into the text and what belongs to the heading or the navigation. */
export function textUnder(entry: string, from: number, to: number, book: BookLines): TextUnder {
  const { lines, marked, linked, heads } = book;
  const own = lines.slice(from, to);
  const { title, length } = textHeading(entry, { lines: own, isMarked: (line) => marked.has(from + line) }, heads);
  const aside = own.slice(0, length);
  const text: string[] = [];
  let links = 0;
  for (let line = length; line < own.length; line += 1) {
    const isLink = linked.has(from + line);
    if (isLink && isNavigation(own[line]!)) aside.push(own[line]!);
    else {
      text.push(own[line]!);
      if (isLink) links += 1;
    }
  }
  return { title, lines: text, linked: links, aside };
}
