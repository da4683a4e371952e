import { namedHeading } from "../headingNames.ts";
import { bannerOf } from "./banners.ts";
import { isEdition } from "./editionWords.ts";
import { authorOf, type BookFields, titleOf } from "./fields.ts";
import { headingForms } from "./forms/headingForms.ts";
import { hasSurname, isPerson } from "./persons.ts";
import { isOther } from "./units.ts";

const titleLine =
  /^(?:《(?<title>[^《》]+)》|【(?<other>[^《》【】[\]]+)】)(?<edition>[（(][^（）()]{1,12}[）)])?(?:\s*(?:作者|文|by)?[：:/／\s]*(?<author>\S.{0,29}))?$/iu;
/** [书 / 某人 著 ] */
const titleAndAuthor =
  /^[[【［]\s*(?<title>[^[\]【】/／]{1,60}?)\s*[/／]\s*(?<author>[^[\]【】/／]{1,30}?)\s*[著撰编]?\s*[\]】］]$/u;
/** 灯下录（全本） 作者：林深 */
const titleThenAuthor = /^(?<title>[^，。！？：:]{1,40}?)[\s/／,，]*作\s*者\s*[：:]\s*(?<author>[^，。！？\s]{1,20})$/u;
/** 灯下录（林深 著） */
const titleWithWriter = /^(?<title>[^，。！？：:（）()]{1,40}?)\s*[（(](?<author>[^（）()，。]{2,20}?)\s*[著撰][）)]$/u;
/** 林深著《灯下录》 */
const authorThenTitle =
  /^(?<author>[^《》，。！？：:\s]{2,15})\s*(?:(?<mark>[著撰])\s*|[：:·\s]+|)《(?<title>[^《》]{1,40})》$/u;
/** 灯下录 / 林深, 灯下录 - 林深 */
const titleSlashAuthor =
  /^(?<title>[^，。！？：:/／]{1,40}?)(?:\s*[/／]\s*(?<person>\S{2,15})|\s+[-—_·]+\s+(?<surnamed>\p{Script=Han}{2,4}))$/u;

/** A first line may be the title if it is no longer, in UTF-16 units, and reads like no sentence and no name of a preface. */
export const longestTitle = 40;
const noTitle = /[。！？，；：“”「」『』]|(?:序|序言|前言|楔子|引子|序章|后记|目录)$/u;

/** Title and author on a line where only the name tells that it is one. */
function withPerson(line: string) {
  const before = authorThenTitle.exec(line);
  const { author, mark } = before?.groups ?? {};
  if (author !== undefined && (mark !== undefined || isPerson(author))) return before;
  const found = titleSlashAuthor.exec(line)?.groups;
  const name = found?.person !== undefined && isPerson(found.person) ? found.person : found?.surnamed;
  const isSure = name !== undefined && (name === found?.person || hasSurname(name));
  return isSure ? { groups: { title: found!.title!, author: name } as Record<string, string> } : undefined;
}

/** Parses the title in a line at the head of a file, and perhaps the author; undefined if it is no title. */
export function readTitle(line: string): BookFields | undefined {
  const groups = (
    titleAndAuthor.exec(line) ??
    titleLine.exec(line) ??
    titleThenAuthor.exec(line) ??
    titleWithWriter.exec(line) ??
    withPerson(line)
  )?.groups;
  const written = groups?.title ?? groups?.other;
  if (groups !== undefined && written !== undefined && namedHeading(written) === undefined) {
    const bracketed = groups.edition?.slice(1, -1) ?? "";
    const author = authorOf(groups.author ?? (hasSurname(bracketed) && !isEdition(bracketed) ? bracketed : undefined));
    const title = titleOf(written);
    return { title, titleIs: "named", ...(author !== undefined && { author }) };
  }
  if (line.length > longestTitle || noTitle.test(line) || !/\p{L}/u.test(line)) return undefined;
  if (bannerOf(line) !== undefined || headingForms(line).some(({ loose, unit }) => !loose && !isOther(unit)))
    return undefined;
  return { title: titleOf(line), titleIs: "guessed" };
}
