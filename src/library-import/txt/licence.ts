const start = /^\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG EBOOK\b.*$/imu;
const end =
  /^(?:\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG EBOOK\b|End of (?:the )?Project Gutenberg(?:'s)? EBook\b)/imu;
const field = /^(?:Title|Author): \S/u;

/** Maximum length of a licence at the beginning or the end of a text, in UTF-16 units. */
const longest = 40_000;

export type Unlicensed = {
  readonly text: string;
  /** The number of UTF-16 units that were left out. */
  readonly left: number;
};

/**
 * A text without the licence that Project Gutenberg puts around it, whose numbered paragraphs look like headings. Title and
 * author in its head stay.
 */
export function withoutLicence(text: string): Unlicensed {
  const head = start.exec(text.slice(0, longest));
  const tailFrom = Math.max(head ? head.index + head[0].length : 0, text.length - longest);
  const tail = end.exec(text.slice(tailFrom));
  if (!head && !tail) return { text, left: 0 };
  const above = head ? text.slice(0, head.index).split("\n") : [];
  const said = above.filter((line) => field.test(line)).join("\n");
  const body = text.slice(head ? head.index + head[0].length : 0, tail ? tailFrom + tail.index : text.length);
  return { text: said === "" ? body : `${said}\n${body}`, left: text.length - body.length - said.length };
}
