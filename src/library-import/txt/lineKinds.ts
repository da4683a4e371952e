import { isBanner } from "./banners.ts";
import type { Contents } from "./contents.ts";
import { pageMarkForm } from "./forms/pageMark.ts";
import type { Heading } from "./heading.ts";
import type { TextLines } from "./lines.ts";

/** The kinds of lines: text is kept, the others are reported. */
export const lineKind = { text: 0, heading: 1, listed: 2, banner: 3 } as const;

/** The kind of each line: a heading's own, one of a table of contents, a site's advertisement or mark of a page, or text. */
export function lineKindsOf(
  lines: TextLines,
  headings: readonly Heading[],
  contents: readonly Contents[],
): Readonly<Uint8Array> {
  const kinds = new Uint8Array(lines.raw.length);
  for (const { from, to } of contents) kinds.fill(lineKind.listed, from, to + 1);
  for (const { own } of headings) for (const line of own) kinds[line] = lineKind.heading;
  for (let line = 0; line < kinds.length; line += 1) {
    const text = lines.trimmed[line]!;
    if (kinds[line] !== lineKind.text || text === "") continue;
    if (isBanner(text) || ("分页".includes(text[0]!) && pageMarkForm(text).length > 0)) kinds[line] = lineKind.banner;
  }
  return kinds;
}
