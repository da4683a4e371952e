import { xhtml } from "../bookFiles.ts";
import {
  body,
  chapter,
  chapters,
  doc,
  docs,
  type EpubCase,
  epub,
  links,
  metadata,
  navOf,
  paragraphs,
  type Right,
} from "./build.ts";

const three = chapters(3);
const six = chapters(6);
const each = (some: readonly Right[], make: (one: Right, no: number) => string) =>
  some.map((one, index) => doc(`c${index + 1}.xhtml`, make(one, index + 1)));
const raw = (inner: string, head = "<title>无</title>") =>
  `<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head>${head}</head>${inner}</html>`;

/** Books whose reading order, contents or files differ. */
export const orderCases: readonly EpubCase[] = [
  {
    name: "a spine from right to left, with a writing mode",
    file: epub({
      docs: docs(six),
      nav: links(six),
      spineAttributes: 'page-progression-direction="rtl"',
      metadata: `${metadata}<meta name="primary-writing-mode" content="vertical-rl"/><meta property="rendition:layout">reflowable</meta>`,
    }),
    chapters: six,
  },
  {
    name: "fonts that are obfuscated",
    file: epub({
      docs: docs(three),
      ncx: links(three),
      manifest: '<item id="font" href="a.ttf" media-type="application/x-font-ttf"/>',
      files: { "a.ttf": Buffer.from("00010000", "hex") },
      extra: [
        {
          name: "META-INF/encryption.xml",
          content:
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/><CipherData><CipherReference URI="OEBPS/a.ttf"/></CipherData></EncryptedData></encryption>',
        },
      ],
    }),
    chapters: three,
  },
  {
    name: "a navigation document in the reading order",
    file: epub({
      docs: [...docs(six)],
      nav: links(six),
      spine: `<itemref idref="nav"/>${six.map((_, no) => `<itemref idref="id_c${no + 1}.xhtml"/>`).join("")}`,
    }),
    chapters: six,
  },
  {
    name: "a navigation document with landmarks first, page list and hidden lists",
    file: epub({
      docs: docs(six),
      nav: navOf(links(six), {
        before: '<nav epub:type="landmarks" hidden=""><ol><li><a href="c1.xhtml">正文</a></li></ol></nav>',
        behind:
          '<nav epub:type="page-list" hidden=""><ol><li><a href="c2.xhtml">1</a></li><li><a href="c3.xhtml">2</a></li></ol></nav>',
      }),
    }),
    chapters: six,
  },
  {
    name: "an NCX with a list of pages and lists of pictures",
    file: epub({
      docs: docs(three),
      ncx: `<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd"><ncx><head/><docTitle><text>灯下录</text></docTitle><navMap>${three.map(({ title }, no) => `<navPoint id="n${no}" playOrder="${no}"><navLabel><text>${title}</text></navLabel><content src="c${no + 1}.xhtml"/></navPoint>`).join("")}</navMap><pageList><pageTarget><navLabel><text>1</text></navLabel><content src="c2.xhtml"/></pageTarget></pageList><navList><navTarget><navLabel><text>图</text></navLabel><content src="c3.xhtml"/></navTarget></navList></ncx>`,
    }),
    chapters: three,
  },
  {
    name: "no contents but a guide",
    file: epub({
      docs: docs(three),
      guide:
        '<guide><reference type="text" title="正文" href="c1.xhtml"/><reference type="toc" title="目录" href="c1.xhtml"/></guide>',
    }),
    chapters: three,
  },
  {
    name: "documents in folders, contents in another, with ../",
    file: epub({
      docs: six.map((one, no) => doc(`Text/part${no}.xhtml`, body(one))),
      nav: six.map(({ title }, no) => [title, `./Text/part${no}.xhtml`]),
    }),
    chapters: six,
  },
  {
    name: "titles of the contents with line breaks and spaces",
    file: epub({
      docs: docs(three),
      ncx: three.map(({ title }, no) => [`\n      ${title.replace(" ", "\n   ")}\n   `, `c${no + 1}.xhtml`]),
    }),
    chapters: three,
  },
  {
    name: "entities in titles: &amp; and &#x4e00;",
    file: epub({
      docs: each(three, (one) => body({ ...one, title: `${one.title} &amp; 灯` })),
      ncx: three.map(({ title }, no) => [`${title} &amp; &#x706f;`, `c${no + 1}.xhtml`]),
    }),
    chapters: three.map((one) => ({ ...one, title: `${one.title} & 灯` })),
  },
  {
    name: "an entry for each section below its chapter",
    file: epub({
      docs: each(
        three,
        ({ title, lines }) =>
          `<h2>${title}</h2><h3 id="s1">一</h3>${paragraphs(lines.slice(0, 3))}<h3 id="s2">二</h3>${paragraphs(lines.slice(3))}`,
      ),
      nav: three.map(({ title }, no) => [
        title,
        `c${no + 1}.xhtml`,
        [
          ["一", `c${no + 1}.xhtml#s1`],
          ["二", `c${no + 1}.xhtml#s2`],
        ],
      ]),
    }),
    chapters: three.flatMap(({ title, lines }) => [
      { title: "一", volume: title, lines: lines.slice(0, 3) },
      { title: "二", volume: title, lines: lines.slice(3) },
    ]),
  },
  {
    name: "a chapter that begins in the middle of a document of the one before",
    file: epub({
      docs: [
        doc(
          "a.xhtml",
          `${body(three[0]!)}<h2 id="x">${three[1]!.title}</h2>${paragraphs(three[1]!.lines.slice(0, 2))}`,
        ),
        doc("b.xhtml", paragraphs(three[1]!.lines.slice(2))),
        doc("c.xhtml", body(three[2]!)),
      ],
      ncx: [
        [three[0]!.title, "a.xhtml"],
        [three[1]!.title, "a.xhtml#x"],
        [three[2]!.title, "c.xhtml"],
      ],
    }),
    chapters: three,
  },
  {
    name: "footnotes in a document of their own, each linked to and back",
    file: epub({
      docs: [
        ...each(three, ({ title, lines }, no) =>
          body({
            title,
            lines: [
              `${lines[0]!}<a epub:type="noteref" href="notes.xhtml#n${no}" id="r${no}"><sup>[${no}]</sup></a>`,
              ...lines.slice(1),
            ],
          }),
        ),
        doc(
          "notes.xhtml",
          `<h2>注释</h2>${three.map((_, no) => `<p id="n${no + 1}"><a href="c${no + 1}.xhtml#r${no + 1}">[${no + 1}]</a> 渡口在城西，今已不存。</p>`).join("")}`,
        ),
      ],
      ncx: [...links(three), ["注释", "notes.xhtml"]],
    }),
    chapters: [
      ...three.map(({ title, lines }, no) => ({ title, lines: [`${lines[0]!}[${no + 1}]`, ...lines.slice(1)] })),
      { title: "注释", kind: "afterword", lines: three.map((_, no) => `[${no + 1}] 渡口在城西，今已不存。`) },
    ],
  },
  {
    name: "楔子, 番外 and 尾声 below volumes",
    file: epub({
      docs: docs([chapter(1, "楔子"), chapter(2), chapter(3), chapter(4, "番外 雪落"), chapter(5, "尾声")]),
      nav: [
        [
          "第一卷 渡口",
          undefined,
          [
            ["楔子", "c1.xhtml"],
            [chapter(2).title, "c2.xhtml"],
          ],
        ],
        [
          "第二卷 归途",
          undefined,
          [
            [chapter(3).title, "c3.xhtml"],
            ["番外 雪落", "c4.xhtml"],
            ["尾声", "c5.xhtml"],
          ],
        ],
      ],
    }),
    chapters: [
      chapter(1, "楔子", { kind: "preface", volume: "第一卷 渡口" }),
      chapter(2, undefined, { volume: "第一卷 渡口" }),
      chapter(3, undefined, { volume: "第二卷 归途" }),
      chapter(4, "番外 雪落", { volume: "第二卷 归途" }),
      chapter(5, "尾声", { kind: "afterword", volume: "第二卷 归途" }),
    ],
  },
  {
    name: "documents with a byte-order mark, one in UTF-16",
    file: epub({
      docs: three.map((one, no) =>
        no === 1
          ? {
              path: "c2.xhtml",
              raw: Buffer.concat([
                Buffer.from([0xff, 0xfe]),
                Buffer.from(xhtml(body(one)).replace("utf-8", "utf-16"), "utf16le"),
              ]),
            }
          : { path: `c${no + 1}.xhtml`, raw: `\ufeff${xhtml(body(one))}` },
      ),
      ncx: links(three),
    }),
    chapters: three,
  },
  {
    name: "a document without html and body",
    file: epub({ docs: three.map((one, no) => ({ path: `c${no + 1}.xhtml`, raw: body(one) })), ncx: links(three) }),
    chapters: three,
  },
  {
    name: "title elements with a site's name, no contents",
    file: epub({
      docs: three.map((one, no) => ({
        path: `c${no + 1}.xhtml`,
        raw: raw(`<body>${paragraphs(one.lines)}</body>`, `<title>${one.title} - 某某小说网</title>`),
      })),
    }),
    chapters: three,
  },
  {
    name: "several title elements and creators of EPUB 3, with refinements",
    file: epub({
      docs: docs(three),
      ncx: links(three),
      metadata:
        '<dc:title id="t2">渡口三部曲</dc:title><meta refines="#t2" property="title-type">collection</meta><dc:title id="t1">灯下录</dc:title><meta refines="#t1" property="title-type">main</meta><dc:creator id="c1">某甲</dc:creator><meta refines="#c1" property="role" scheme="marc:relators">aut</meta><dc:creator id="c2">某乙</dc:creator><meta refines="#c2" property="role" scheme="marc:relators">ill</meta>',
    }),
    chapters: three,
  },
  {
    name: "a title with its series in brackets, an author with his file-as",
    file: epub({
      docs: docs(three),
      ncx: links(three),
      metadata:
        '<dc:title>灯下录（全本）</dc:title><dc:creator opf:file-as="JIA, MOU" opf:role="aut">某甲</dc:creator>',
    }),
    chapters: three,
  },
];
