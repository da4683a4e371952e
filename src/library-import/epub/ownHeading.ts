import { firstFrom } from "../firstFrom.ts";
import { headingForms, isVolumeTitle } from "../txt/forms/headingForms.ts";
import { isOther } from "../txt/units.ts";
import { plainHeading } from "./contents.ts";
import type { SpineText } from "./documentText.ts";
import { namesPage } from "./pages.ts";
import { alike, numberedForm } from "./textHeading.ts";

/** The heading of a document begins on one of so many of its lines. */
const reach = 4;
/** A line that comes again at the head of so many documents, and of so large a share of them, is a running head. */
const running = { documents: 3, share: 0.5 };
/** The longest running head, in UTF-16 units. */
const longest = 40;

/** Lines at the heads of documents that are none of their own headings: the book's title, a volume's, in their compared form. */
export function runningHeads(spine: readonly SpineText[], bookTitle: string): ReadonlySet<string> {
  const times = new Map<string, { count: number; readonly line: string }>();
  let documents = 0;
  for (const { lines } of spine) {
    if (lines.length < 2) continue;
    documents += 1;
    const short = lines.slice(0, reach - 1).filter((line) => line.length <= longest);
    for (const [key, line] of new Map(short.map((line) => [alike(line), line]))) {
      const known = times.get(key) ?? { count: 0, line };
      known.count += 1;
      times.set(key, known);
    }
  }
  const repeated = [...times].filter(
    ([, { count, line }]) => count >= running.documents && (count >= running.share * documents || isVolumeTitle(line)),
  );
  return new Set([alike(bookTitle), ...repeated.map(([key]) => key)]);
}

/** The heading at the beginning of a document: from its mark-up, or a line in the form of a heading. */
export function ownHeading(document: SpineText, heads: ReadonlySet<string>): string | undefined {
  return headingNear(document, 0, heads);
}

/** The heading that begins at a line of a document or just below it. */
export function headingNear(
  { headings, lines }: SpineText,
  from: number,
  heads: ReadonlySet<string>,
): string | undefined {
  let line = from;
  for (let index = firstFrom(headings, from); index < headings.length; index += 1) {
    const { text, line: at, end } = headings[index]!;
    if (at > line + 1 || at >= from + reach) break;
    const next = headings[index + 1];
    const goesOn = next !== undefined && next.line <= end + 1;
    if (heads.has(alike(text)) && goesOn) {
      line = Math.max(end, line);
      continue;
    }
    const isNumber = numberedForm(text)?.rest === "" && end > at;
    const isTitle = next?.line === end && numberedForm(next.text) === undefined;
    return plainHeading(isNumber && isTitle ? `${text} ${next.text}` : text);
  }
  const first = lines[from] ?? "";
  const isHeading =
    namesPage(first) ||
    headingForms(first).some(({ loose, unit }) => !loose && !isOther(unit) && !/^(?:#|一|\(\)|上|名)$/u.test(unit));
  return isHeading ? plainHeading(first) : undefined;
}
