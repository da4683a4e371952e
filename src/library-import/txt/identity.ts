import { withoutEditionEnd } from "./editionWords.ts";
import { parseFileName } from "./fileName.ts";
import type { FrontMatter } from "./frontMatter.ts";

/** Title and author as the text and the name of its file say them, and the lines that then belong to the preface. */
export type Identity = {
  readonly title: string;
  readonly author: string | undefined;
  readonly preface: readonly string[];
};

/** What parts a title from words behind it that belong to it. */
const subtitle = /^[\s：:·—（(]/u;

/**
 * Weighs what the text says of itself against the name of its file. A title named as such (书名：…, 《…》) wins; a first line
 * that is only guessed to be one wins over a name that says nothing, or that holds it, or where an author stands below it.
 * Else it is text.
 */
export function identify(front: FrontMatter, fileName: string): Identity {
  const named = parseFileName(fileName);
  const author = front.author ?? named.author;
  const { title, titleLine, preface } = front;
  if (title === undefined || title === "") return { title: named.title, author, preface };
  if (titleLine === undefined) return { title, author, preface };
  const plain = withoutEditionEnd(title);
  const behind = plain.startsWith(named.title) ? plain.slice(named.title.length) : undefined;
  const held = named.title.includes(plain) || (behind !== undefined && (behind === "" || subtitle.test(behind)));
  if (named.evidence === "nothing" || front.authorFollows) return { title: plain, author, preface };
  if (held) return { title: named.evidence === "named" ? named.title : plain, author, preface };
  return { title: named.title, author, preface: [titleLine, ...preface] };
}
