import { kindOf } from "../headingNames.ts";
import type { ParsedChapter } from "../parsedBook.ts";
import { squeezed } from "../txt/contents.ts";
import { isVolumeTitle } from "../txt/forms/headingForms.ts";
import { type Entry, plainHeading } from "./contents.ts";
import type { DocumentText } from "./documentText.ts";

/** A document of the spine: its path in the ZIP, and its text. */
export type SpineText = DocumentText & { readonly path: string };

type Part = Omit<ParsedChapter, "no">;

/** An entry of the table of contents at its place: the `line` of the whole book's text. */
type Placed = {
  readonly line: number;
  readonly title: string;
  readonly volumes: readonly string[];
  readonly isVolume: boolean;
};

/** Entries that name pages without text of the book. */
const noChapter = /^(?:封面|封底|目录|目錄|扉页|书名页|cover|(?:table of )?contents|title ?page)$/iu;
/** Text before the first entry is a preface from this length on, in UTF-16 units: less is a title page. */
const leastPreface = 100;

/**
 * Cuts the text of an EPUB at the places that its table of contents points to: a chapter may begin in the middle of a document
 * (an anchor) and go on over several. Entries with others below them are volumes, and so are those of a flat table that
 * read like one (第一卷 …) and have no text. Without a table, each document is a chapter by its first heading.
 */
export function cutByContents(spine: readonly SpineText[], contents: readonly Entry[]): readonly Part[] {
  const starts = new Map<string, number>();
  const lines: string[] = [];
  for (const { path, lines: own } of spine) {
    if (!starts.has(path)) starts.set(path, lines.length);
    lines.push(...own);
  }
  const documents = new Map(spine.map((document) => [document.path, document]));
  const place = ({ path, anchor }: Entry): number | undefined => {
    const start = starts.get(path ?? "");
    const within = anchor === undefined ? 0 : (documents.get(path ?? "")?.anchors.get(anchor) ?? 0);
    return start === undefined ? undefined : start + within;
  };
  const placed = placedEntries(contents, [], place);
  if (placed.filter(({ isVolume }) => !isVolume).length === 0) return byDocument(spine);
  placed.sort((a, b) => a.line - b.line);
  return [...prefaceOf(lines.slice(0, placed[0]!.line)), ...partsOf(placed, lines)];
}

function placedEntries(
  entries: readonly Entry[],
  volumes: readonly string[],
  place: (entry: Entry) => number | undefined,
): Placed[] {
  return entries.flatMap((entry) => {
    const isVolume = entry.children.length > 0;
    const below = placedEntries(entry.children, isVolume ? [...volumes, entry.title] : volumes, place);
    const line = place(entry) ?? (isVolume ? below[0]?.line : undefined);
    if (line === undefined || entry.title === "") return below;
    return [{ line, title: entry.title, volumes, isVolume }, ...below];
  });
}

function partsOf(placed: readonly Placed[], lines: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  let flatVolume: string | null = null;
  placed.forEach(({ line, title, volumes, isVolume }, index) => {
    const text = textUnder(title, lines.slice(line, placed[index + 1]?.line));
    const flat = !isVolume && volumes.length === 0 && text === "" && isVolumeTitle(title);
    if (flat) flatVolume = title;
    const volume =
      volumes.length > 0
        ? plainHeading(volumes.join(" "))
        : isVolume || kindOf(title) !== "chapter"
          ? null
          : flatVolume;
    if (text === "" || noChapter.test(title)) return;
    if (isVolume) parts.push({ title, volume: plainHeading([...volumes, title].join(" ")), kind: "preface", text });
    else parts.push({ title, volume, kind: kindOf(title), text });
  });
  return parts;
}

function byDocument(spine: readonly SpineText[]): readonly Part[] {
  return spine.flatMap(({ lines, heading }, index) => {
    const first = lines[0] ?? "";
    const title = plainHeading(heading ?? (first.length <= 30 ? first : ""));
    const text = textUnder(title, lines);
    if (text === "" || noChapter.test(title)) return [];
    return [{ title: title || `第${index + 1}节`, volume: null, kind: kindOf(title), text }];
  });
}

function prefaceOf(lines: readonly string[]): readonly Part[] {
  const text = lines.join("\n");
  return text.length < leastPreface ? [] : [{ title: "前言", volume: null, kind: "preface", text }];
}

/** The text without the heading at its beginning, which may stand on several lines and with other spaces. */
function textUnder(title: string, lines: readonly string[]): string {
  const wanted = squeezed(title);
  let seen = "";
  for (let index = 0; index < Math.min(lines.length, 4) && seen.length < wanted.length; index += 1) {
    seen += squeezed(lines[index]!);
    if (seen === wanted && wanted !== "") return lines.slice(index + 1).join("\n");
  }
  return lines.join("\n");
}
