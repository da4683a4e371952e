import { isVolumeTitle } from "../txt/forms/headingForms.ts";
import { rankOf } from "../txt/units.ts";
import { type BookLines, bookLines, linkedBetween, textUnder } from "./bookLines.ts";
import { byDocument } from "./byDocument.ts";
import { Collector, type Cut } from "./collector.ts";
import { type Entry, plainHeading } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { runningHeads } from "./ownHeading.ts";
import { kindOfPage } from "./pages.ts";
import type { Placed } from "./place.ts";
import { placeEntries } from "./placed.ts";
import { alike, numberedForm } from "./textHeading.ts";

/** The longest text of a volume in a flat table, above its first chapter. */
const longestVolumeIntro = 3_000;
/** Without a table of contents, headings cut a book if so large a share of its documents begins with one. */
const mostlyHeadings = 0.3;

/**
 * Splits the text of an EPUB at the places that its table of contents points to: a chapter may begin within a document (an
 * anchor) and span several. Entries with children are volumes, and so are entries of a flat table that read like one (第一卷 …)
 * and have next to no text. Without a table chapters begin where documents have headings, or with each document.
 */
export function cutByContents(spine: readonly SpineText[], contents: readonly Entry[], bookTitle: string): Cut {
  const heads = runningHeads(spine, bookTitle);
  const book = bookLines(spine, heads);
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

function cutAtPlaces(placed: readonly Placed[], book: BookLines, collector: Collector): void {
  let flatVolume: string | null = null;
  placed.forEach((entry, index) => {
    const { line, volumes, isVolume, isPage } = entry;
    const next = placed[index + 1];
    const { title, lines, linked, aside } = textUnder(entry.title, line, next?.line ?? book.lines.length, book);
    collector.leaveOut(aside);
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
