/** The longest line of a list of titles, in UTF-16 units. */
const longestListed = 120;

const title =
  /^[【〖[\s]*(?:附[录錄]?[：:\s]*)?(?:目\s*录|目\s*錄|目\s*次|章节目录|contents|table of contents)[】〗\]\s：:]*$/iu;

/** Returns whether a line, without white space around it, is 目录 or the like. */
export function isContentsTitle(line: string): boolean {
  return title.test(line);
}

/** The lines before the first heading without a list of the titles of those that follow, and the line 目录 above it. */
export function withoutTitleList(
  lines: readonly string[],
  titles: ReadonlySet<string>,
): { readonly kept: readonly string[]; readonly listed: readonly string[] } {
  const head = lines.findIndex((line) => isContentsTitle(line.trim()));
  if (head < 0) return { kept: lines, listed: [] };
  const isListed = (line: string, index: number) =>
    index === head ||
    (index > head &&
      line.length <= longestListed &&
      titles.has(squeezed(line.replace(/[\s.…·—-]{1,80}\d{0,4}$/u, ""))));
  return { kept: lines.filter((line, index) => !isListed(line, index)), listed: lines.filter(isListed) };
}

/** A title as it is compared: without the spaces in it. */
export function squeezed(text: string): string {
  return text.replace(/[\s：:、.．·—-]/gu, "");
}
