import { chapters, docs, type EpubCase, epub, links, ncxOf } from "./build.ts";

const three = chapters(3);
const saying = (
  name: string,
  metadata: string,
  right: { readonly title?: string; readonly author?: string | undefined } = {},
  more: { readonly fileName?: string; readonly ncxHead?: string } = {},
): EpubCase => ({
  name,
  ...(more.fileName !== undefined && { fileName: more.fileName }),
  file: epub({
    docs: docs(three),
    ncx: more.ncxHead === undefined ? links(three) : ncxOf(links(three), more.ncxHead),
    metadata,
  }),
  chapters: three,
  ...right,
});
const by = (title: string, author = "某甲") => `<dc:title>${title}</dc:title><dc:creator>${author}</dc:creator>`;
const title = "<dc:title>灯下录</dc:title>";

/** Titles and authors in package documents. */
export const metadataCases: readonly EpubCase[] = [
  saying("plain", by("灯下录")),
  saying(
    "a series beside it",
    `${by("灯下录")}<meta name="calibre:series" content="渡口三部曲"/><meta name="calibre:series_index" content="3"/>`,
  ),
  saying(
    "titles of EPUB 3: the collection first",
    `<dc:title id="t1">渡口文丛</dc:title><dc:title id="t2">灯下录</dc:title><meta refines="#t1" property="title-type">collection</meta><meta refines="#t2" property="title-type">main</meta><dc:creator>某甲</dc:creator>`,
  ),
  saying(
    "titles of EPUB 3: a subtitle",
    `<dc:title id="t1">灯下录</dc:title><dc:title id="t2">一个渡口的故事</dc:title><meta refines="#t2" property="title-type">subtitle</meta><dc:creator>某甲</dc:creator>`,
  ),
  saying(
    "roles of EPUB 2",
    `${title}<dc:creator opf:role="trl">某乙</dc:creator><dc:creator opf:role="aut" opf:file-as="Mou, Jia">某甲</dc:creator><dc:creator opf:role="ill">某丙</dc:creator>`,
  ),
  saying(
    "roles of EPUB 3",
    `${title}<dc:creator id="c1">某乙</dc:creator><meta refines="#c1" property="role" scheme="marc:relators">trl</meta><dc:creator id="c2">某甲</dc:creator><meta refines="#c2" property="role">aut</meta><meta refines="#c2" property="file-as">Mou</meta>`,
  ),
  saying(
    "two authors",
    `${title}<dc:creator opf:role="aut">某甲</dc:creator><dc:creator opf:role="aut">某乙</dc:creator>`,
    { author: "某甲、某乙" },
  ),
  saying("one author twice", `${title}<dc:creator>某甲</dc:creator><dc:creator opf:role="aut">某甲</dc:creator>`),
  saying("the author with 著", by("灯下录", "某甲 著")),
  saying("the author with （著）", by("灯下录", "某甲（著）")),
  saying("the author with a dynasty", by("灯下录", "[明]某甲")),
  saying("the author with 作者：", by("灯下录", "作者：某甲")),
  saying("the translator behind the author", by("灯下录", "（法）某甲著；某乙译")),
  saying("《书》", by("《灯下录》")),
  saying("《书》作者：某", `<dc:title>《灯下录》作者：某甲</dc:title><dc:creator>Unknown</dc:creator>`),
  saying("书 - 某", by("灯下录 - 某甲")),
  saying("书_某", `<dc:title>灯下录_某甲</dc:title><dc:creator>某甲</dc:creator>`),
  saying("书（某）", by("灯下录（某甲）")),
  saying("书 by 某", `<dc:title>灯下录 by 某甲</dc:title>`),
  saying("书 作者：某", `<dc:title>灯下录 作者：某甲</dc:title>`),
  saying("某：书", by("某甲：灯下录")),
  saying("words on the edition", by("灯下录（精校版）")),
  saying("words on the edition, in other brackets", by("灯下录【完结】")),
  saying("a set of three", by("灯下录（全三册）")),
  saying("a site's address", by("灯下录[www.example.com]")),
  saying("a title with a dash stays", by("灯下录——一个渡口的故事"), { title: "灯下录——一个渡口的故事" }),
  saying("a title with a number stays", by("灯下录2：渡口"), { title: "灯下录2：渡口" }),
  saying("a title with brackets of its own stays", by("灯下录（上）"), { title: "灯下录（上）" }),
  saying("a title in letters stays", by("The Lamp - A Story", "Wei Jia"), {
    title: "The Lamp - A Story",
    author: "Wei Jia",
  }),
  saying("the name of a file", by("灯下录.txt")),
  saying("a document of Word", by("Microsoft Word - 灯下录.doc"), {}, { fileName: "灯下录" }),
  saying("an ISBN", by("9787000000000"), {}, { fileName: "灯下录" }),
  saying("an ASIN", by("B00ABCDEF1"), {}, { fileName: "灯下录" }),
  saying(
    "[Unknown]",
    "<dc:title>[Unknown]</dc:title><dc:creator>[Unknown]</dc:creator>",
    {},
    { fileName: "灯下录 - 某甲" },
  ),
  saying(
    "placeholders",
    "<dc:title>未命名</dc:title><dc:creator>未知作者</dc:creator>",
    {},
    { fileName: "《灯下录》某甲" },
  ),
  saying(
    "nothing, but the NCX",
    "",
    {},
    { ncxHead: "<docTitle><text>灯下录</text></docTitle><docAuthor><text>某甲</text></docAuthor>" },
  ),
  saying("nothing, and a file's name", "", {}, { fileName: "灯下录_某甲" }),
  saying("another title than the file's name", by("灯下录"), {}, { fileName: "渡口-某乙" }),
  saying("no author, and one in the file's name", title, {}, { fileName: "灯下录 - 某甲" }),
  saying("no author, and another book's file name", title, { author: undefined }, { fileName: "渡口 - 某乙" }),
  saying("no author anywhere", title, { author: undefined }),
  saying("characters of GBK read as Latin", by("µÆÏÂÂ¼", "Ä³¼×")),
  saying("spaces and lines within", by("\n  灯下录\n  ", "\n某甲\n")),
  saying("letters set apart", by("灯 下 录")),
  saying("entities", by("灯下录 &amp; 渡口"), { title: "灯下录 & 渡口" }),
  saying("an ampersand that is none", by("灯下录 & 渡口"), { title: "灯下录 & 渡口" }),
  saying("upper-case names", "<DC:TITLE>灯下录</DC:TITLE><DC:CREATOR>某甲</DC:CREATOR>"),
];
