import { withoutEditionEnd } from "./editionWords.ts";
import { parseFileName } from "./fileName.ts";
import type { FrontMatter } from "./frontMatter.ts";

/** Title and author as the text states them, `ifNew` as they are guessed, and the lines that then belong to the preface. */
export type Identity = Names & { readonly ifNew: Names; readonly preface: readonly string[] };
type Names = { readonly title: string | undefined; readonly author: string | undefined };

/** The separator between a title and words behind it that belong to it. */
const subtitle = /^[\s：:·—（(]/u;

/**
 * Weighs the title and author in the text against those in the name of its file. A title named as such (书名：…, 《…》) wins; a first
 * line that is only guessed to be one wins over a name that has no title, or that holds it, or where an author stands below it.
 * Else the line is text. A title that only the file's name has is guessed, and so is a first line that nothing confirms.
 */
export function identify(front: FrontMatter, fileName: string): Identity {
  const named = parseFileName(fileName);
  const { author, title, titleLine, preface } = front;
  const said = { title: undefined, author, ifNew: { title: named.title, author: named.author }, preface };
  if (title === undefined || title === "") return said;
  if (titleLine === undefined) return { ...said, title };
  const plain = withoutEditionEnd(title);
  if (front.authorFollows) return { ...said, title: plain };
  const behind = plain.startsWith(named.title) ? plain.slice(named.title.length) : undefined;
  const held = named.title.includes(plain) || (behind !== undefined && (behind === "" || subtitle.test(behind)));
  if (named.evidence === "nothing" && !held) return { ...said, ifNew: { ...said.ifNew, title: plain } };
  if (!held) return { ...said, preface: [titleLine, ...preface] };
  const isAsNamed = named.evidence === "named" && named.title !== plain;
  return isAsNamed ? said : { ...said, title: plain };
}
