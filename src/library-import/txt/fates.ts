import { isBanner } from "./banners.ts";
import type { Contents } from "./contents.ts";
import { pageMarkForm } from "./forms/pageMark.ts";
import type { Heading } from "./heading.ts";
import type { TextLines } from "./lines.ts";

/** What becomes of a line: text is kept, the others are told of. */
export const fate = { text: 0, heading: 1, listed: 2, banner: 3 } as const;

/** The fate of each line: a heading's own, one of a table of contents, a site's advertisement or mark of a page, or text. */
export function fatesOf(
  lines: TextLines,
  headings: readonly Heading[],
  contents: readonly Contents[],
): Readonly<Uint8Array> {
  const fates = new Uint8Array(lines.raw.length);
  for (const { from, to } of contents) fates.fill(fate.listed, from, to + 1);
  for (const { own } of headings) for (const line of own) fates[line] = fate.heading;
  for (let line = 0; line < fates.length; line += 1) {
    const text = lines.trimmed[line]!;
    if (fates[line] !== fate.text || text === "") continue;
    if (isBanner(text) || ("分页".includes(text[0]!) && pageMarkForm(text).length > 0)) fates[line] = fate.banner;
  }
  return fates;
}
