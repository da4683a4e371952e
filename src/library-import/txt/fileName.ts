import { maxLengths } from "../limits.ts";
import { plainLine } from "../plainText.ts";
import { withoutEditionBegin, withoutEditionBrackets, withoutEditionEnd } from "./editionWords.ts";
import { authorOf } from "./fields.ts";

/** What the name of a file says. `says` is how sure its title is: named by marks, plain Chinese, or anything else. */
export type NamedByFile = {
  readonly title: string;
  readonly author: string | undefined;
  readonly says: "named" | "chinese" | "nothing";
};

const marked = /^[^《【]{0,12}[《【](?<title>[^《》【】]{1,80})[》】](?<rest>.*)$/u;
const byAuthor = /^(?<title>.{1,80}?)\s*(?:作\s*者\s*[：:]?|[ _]by[ _]|\s[-—]\s)\s*(?<author>\S.{0,29})$/iu;
const authorNamed = /^[\s_—-]*(?:作\s*者|文|by)\s*[：:_\s]?\s*(?<author>\S.{0,29})$/iu;
const inBrackets = /^(?<title>.{1,80}?)\s*[（(](?<author>[^（）()]{2,20})[）)]$/u;
/** A person's name as it stands in the name of a file, without a mark that it is one. */
const person =
  /^(?:\p{Script=Han}{2,5}|\p{Lu}[\p{L}.]*(?:[\s·][\p{L}.]+){0,3}|\p{Script=Han}{1,4}[·•]\p{Script=Han}{1,6})$/u;
const noPerson = /[部卷集册章回完全版篇季]$|^(?:上|下|中|番外|正文|小说|其他)/u;

/**
 * Title and author from the name of a file without its extension: 《红楼梦》作者：曹雪芹, 红楼梦 - 曹雪芹, 红楼梦_曹雪芹_某站,
 * 《红楼梦》(曹雪芹), or a title. Words on the edition (全集, 校对版, 1-129) are left out.
 */
export function parseFileName(name: string): NamedByFile {
  const bare = withoutEditionBrackets(name);
  const groups = marked.exec(bare)?.groups;
  if (groups) return { title: titled(groups.title!, name), author: restAuthor(groups.rest!), says: "named" };
  const parts = bare.split("_").map((part) => part.trim());
  if (parts.length >= 2 && parts.length <= 3 && parts[0] !== "" && isPerson(parts[1]!)) {
    return { title: titled(parts[0]!, name), author: authorOf(parts[1]), says: "named" };
  }
  const by = byAuthor.exec(bare)?.groups;
  const authored = by && (/作|by/iu.test(bare) || isPerson(by.author!)) ? by : bracketsOf(bare);
  if (authored) return { title: titled(authored.title!, name), author: authorOf(authored.author), says: "named" };
  const title = titled(bare, name);
  return { title, author: undefined, says: /\p{Script=Han}/u.test(title) ? "chinese" : "nothing" };
}

function bracketsOf(bare: string): Record<string, string> | undefined {
  const groups = inBrackets.exec(bare)?.groups;
  return groups && isPerson(groups.author!) ? groups : undefined;
}

function restAuthor(written: string): string | undefined {
  const rest = withoutEditionBegin(written);
  const named = authorNamed.exec(rest)?.groups?.author;
  if (named !== undefined) return authorOf(withoutEditionEnd(named));
  const name = rest.replace(/^[\s_—-]+/u, "").replace(/^[（(【[](.{1,30})[）)】\]]$/u, "$1");
  const first = name.split(/[_\s]/u)[0]!;
  return isPerson(first) ? authorOf(first) : undefined;
}

function isPerson(name: string): boolean {
  return person.test(name) && !noPerson.test(name) && withoutEditionBegin(name) === name;
}

function titled(written: string, name: string): string {
  return plainLine(withoutEditionEnd(written.trim()) || written || name, maxLengths.title) || "无题";
}
