import { type BookLines, textUnder } from "./bookLines.ts";
import { Collector, type Cut } from "./collector.ts";
import { plainHeading } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { kindOfPage } from "./pages.ts";
import { alike } from "./textHeading.ts";

/** A line that is taken for a title because it stands first is no longer, in UTF-16 units. */
const longestFirst = 30;
/** Titles of documents are titles of chapters if so large a share of them differs. */
const mostlyDiffer = 0.8;

/** Makes each document a chapter, named by its heading, its `title` element or its first line. */
export function byDocument(spine: readonly SpineText[], book: BookLines): Cut {
  const written = withoutSite(spine.map(({ name }) => name));
  const names = new Set(written.flatMap((name) => (name === "" || book.heads.has(alike(name)) ? [] : [alike(name)])));
  const areTitles = names.size > 1 && names.size >= mostlyDiffer * spine.length;
  const collector = new Collector(new Set(spine.flatMap(({ headings }) => headings.map(({ text }) => alike(text)))));
  spine.forEach((document, index) => {
    const { lines, headings } = document;
    const name = written[index]!;
    if (lines.length === 0) return;
    const first = lines[0]!;
    // A single line is text, whatever its form.
    const short = first.length <= longestFirst && lines.length > 1 ? first : "";
    const marked = headings.find(({ line }) => line <= 1)?.text;
    const start = book.starts[index]!;
    const named = plainHeading(marked ?? (areTitles && name !== "" ? name : short));
    const under = textUnder(named, start, start + lines.length, book);
    collector.leaveOut(under.aside);
    const title = under.title || `第${index + 1}节`;
    const part = { title, volume: null, kind: kindOfPage(title), text: under.lines.join("\n") };
    collector.part(part, under.lines, { isPage: false, linked: under.linked });
  });
  return collector.cut(false);
}

/** Titles of documents without what a site, or the book's title, puts behind each: 第一章 夜渡 - 某某小说网. */
function withoutSite(names: readonly string[]): readonly string[] {
  const first = names.find((name) => name !== "") ?? "";
  const site = /\s*[-_|–—]+\s*[^-_|–—]+$/u.exec(first)?.[0];
  const isOnAll = site !== undefined && names.every((name) => name === "" || name.endsWith(site));
  return isOnAll && names.length > 1 ? names.map((name) => name.slice(0, name.length - site.length)) : names;
}
