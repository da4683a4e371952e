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
  ncxOf,
  paragraphs,
} from "./build.ts";

const three = chapters(3);
const six = chapters(6);
const picture = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const prose200 = chapter(60).lines;
const copyright = {
  title: "版权信息",
  kind: "preface" as const,
  lines: ["书名：灯下录", "作者：某甲", "出版社：某某出版社", "ISBN：9787000000000", "版权所有，侵权必究。"],
};
const making = {
  title: "制作说明",
  kind: "preface" as const,
  lines: ["本电子书由某某制作，仅供学习交流之用。", "如有错漏，请来信告知，我们会在下一版里改正。"],
};

/** Files as made by tools and shops. */
export const toolCases: readonly EpubCase[] = [
  {
    name: "Calibre: index_split, a cover in SVG, headings with classes",
    file: epub({
      docs: [
        doc("titlepage.xhtml", '<div><svg><image xlink:href="cover.png" width="600"/></svg></div>'),
        ...six.map((one, no) =>
          doc(
            `index_split_00${no}.html`,
            `<h2 id="calibre_pb_${no}" class="calibre5">${one.title}</h2>${one.lines.map((line) => `<p class="calibre3">　　${line}</p>`).join("\n")}`,
          ),
        ),
      ],
      ncx: six.map(({ title }, no) => [title, `index_split_00${no}.html#calibre_pb_${no}`]),
      metadata: `${metadata}<meta name="calibre:series" content="渡口三部曲"/><meta name="calibre:series_index" content="2.0"/><meta name="cover" content="cover"/>`,
      manifest: '<item id="cover" href="cover.png" media-type="image/png"/>',
      files: { "cover.png": picture },
      guide: '<guide><reference type="cover" title="Cover" href="titlepage.xhtml"/></guide>',
    }),
    chapters: six,
  },
  {
    name: "Calibre: a long chapter split into documents in its middle",
    file: epub({
      docs: three.flatMap(({ title, lines }, no) => [
        doc(`s${no}_000.html`, `<h2>${title}</h2>${paragraphs(lines.slice(0, 2))}`),
        doc(`s${no}_001.html`, paragraphs(lines.slice(2, 4))),
        doc(`s${no}_002.html`, paragraphs(lines.slice(4))),
      ]),
      ncx: three.map(({ title }, no) => [title, `s${no}_000.html`]),
    }),
    chapters: three,
  },
  {
    name: "Calibre: all chapters below an entry of the book's own title",
    file: epub({
      docs: [doc("title.xhtml", "<h1>灯下录</h1><p>某甲</p>"), ...docs(six)],
      ncx: [["灯下录", "title.xhtml", links(six)]],
    }),
    chapters: six,
  },
  {
    name: "Sigil: a navigation document with landmarks and a list of pages before the contents",
    file: epub({
      docs: six.map((one, no) => doc(`Text/Section000${no + 1}.xhtml`, body(one, "h1"))),
      nav: `<html xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="landmarks" hidden=""><ol><li><a href="Text/Section0001.xhtml">开始</a></li></ol></nav><nav epub:type="page-list"><ol>${six.map((_, no) => `<li><a href="Text/Section000${no + 1}.xhtml">${no}</a></li>`).join("")}</ol></nav><nav epub:type="toc"><h1>目录</h1><ol>${six.map(({ title }, no) => `<li>\n<a href="Text/Section000${no + 1}.xhtml">${title}</a>\n</li>`).join("")}</ol></nav></body></html>`,
    }),
    chapters: six,
  },
  {
    name: "Sigil: names of files as titles of entries",
    file: epub({
      docs: six.map((one, no) => doc(`Section000${no + 1}.xhtml`, body(one, "h1"))),
      ncx: six.map((_, no) => [`Section000${no + 1}.xhtml`, `Section000${no + 1}.xhtml`]),
    }),
    chapters: six,
  },
  {
    name: "Kindle: one document with file positions as anchors, page breaks, and contents of links",
    file: epub({
      docs: [
        doc(
          "part0000.html",
          `<p><a href="#filepos9">目录</a></p>${six.map(({ title }, no) => `<p><a href="part0000.html#filepos${no + 10}">${title}</a></p>`).join("")}<div class="mbp_pagebreak"></div>${six
            .map(
              (one, no) =>
                `<a id="filepos${no + 10}"></a><p><b>${one.title}</b></p>${paragraphs(one.lines)}<mbp:pagebreak/>`,
            )
            .join("\n")}`,
        ),
      ],
      ncx: six.map(({ title }, no) => [title, `part0000.html#filepos${no + 10}`]),
    }),
    chapters: six,
  },
  {
    name: "Kindle: contents as a document, named in the NCX",
    file: epub({
      docs: [
        doc(
          "toc.html",
          `<h1>目录</h1>${six.map(({ title }, no) => `<p><a href="c${no + 1}.xhtml">${title}……${no * 12 + 3}</a></p>`).join("")}`,
        ),
        ...docs(six),
      ],
      ncx: [["目录", "toc.html"], ...links(six)],
    }),
    chapters: six,
  },
  {
    name: "KindleUnpack: volumes and chapters as siblings of one list with levels",
    file: epub({
      docs: [
        doc("v1.xhtml", "<h1>第一卷 风起</h1>"),
        ...docs(three),
        doc("v2.xhtml", "<h1>第二卷 雪落</h1>"),
        ...chapters(3, 4).map((one, no) => doc(`c${no + 4}.xhtml`, body(one))),
      ],
      ncx: [
        ["第一卷 风起", "v1.xhtml"],
        ...links(three),
        ["第二卷 雪落", "v2.xhtml"],
        ...chapters(3, 4).map(({ title }, no) => [title, `c${no + 4}.xhtml`] as const),
      ],
    }),
    chapters: [
      ...three.map((one) => ({ ...one, volume: "第一卷 风起" })),
      ...chapters(3, 4).map((one) => ({ ...one, volume: "第二卷 雪落" })),
    ],
  },
  {
    name: "多看: a picture above the heading, the number and the title apart, notes at the end",
    file: epub({
      docs: three.map(({ title, lines }, no) =>
        doc(
          `chapter${no + 1}.xhtml`,
          `<div class="header"><img alt="" src="h.png"/></div><h1 class="chapter-title"><span class="num">${title.split(" ")[0]}</span><br/>${title.split(" ")[1]}</h1>${paragraphs(lines.slice(0, -1)).replace("</p>", '<a class="duokan-footnote" href="#n1" id="r1"><img alt="" src="note.png"/></a></p>')}<ol class="duokan-footnote-content"><li class="duokan-footnote-item" id="n1"><p>${lines.at(-1)}</p></li></ol>`,
        ),
      ),
      ncx: three.map(({ title }, no) => [title, `chapter${no + 1}.xhtml`]),
    }),
    chapters: three,
  },
  {
    name: "多看: cover, title page, copyright, notes on the making, contents, each an entry",
    file: epub({
      docs: [
        doc("cover.xhtml", '<img src="c.png" alt="封面"/>'),
        doc("title.xhtml", "<h1>灯下录</h1><h2>某甲 著</h2>"),
        doc("copyright.xhtml", body(copyright)),
        doc("making.xhtml", body(making)),
        doc(
          "toc.xhtml",
          `<h1>目录</h1><p><a href="c1.xhtml">${three[0]!.title}</a></p><p><a href="c2.xhtml">${three[1]!.title}</a></p>`,
        ),
        ...docs(three),
      ],
      ncx: [
        ["封面", "cover.xhtml"],
        ["扉页", "title.xhtml"],
        ["版权信息", "copyright.xhtml"],
        ["制作说明", "making.xhtml"],
        ["目录", "toc.xhtml"],
        ...links(three),
      ],
    }),
    chapters: [copyright, making, ...three],
  },
  {
    name: "掌阅: notes in attributes of pictures",
    file: epub({
      docs: docs(three).map((one) => ({
        ...one,
        body: one.body!.replace(
          "</p>",
          '<img class="zhangyue-footnote" zy-footnote="渡口，今已不存。" src="note.png"/></p>',
        ),
      })),
      ncx: links(three),
    }),
    chapters: three.map((one) => ({ ...one, lines: [`${one.lines[0]}〔渡口，今已不存。〕`, ...one.lines.slice(1)] })),
  },
  {
    name: "QQ and WeRead: notes as the alternative text of pictures",
    file: epub({
      docs: docs(three).map((one) => ({
        ...one,
        body: one.body!.replace(
          "</p>",
          '<img alt="渡口，今已不存。" class="qqreader-footnote" src="../Images/note.png"/></p>',
        ),
      })),
      nav: links(three),
    }),
    chapters: three.map((one) => ({ ...one, lines: [`${one.lines[0]}〔渡口，今已不存。〕`, ...one.lines.slice(1)] })),
  },
  {
    name: "epubBuilder: contents and cover as pages that no contents name",
    file: epub({
      docs: [
        doc("coverpage.html", '<div><img src="cover.jpg"/></div>'),
        doc(
          "catalog.html",
          `<p>目录</p>${chapters(20)
            .map(({ title }, no) => `<div><a href="c${no + 1}.xhtml">${title}</a></div>`)
            .join("")}`,
        ),
        ...docs(chapters(20)),
      ],
      ncx: links(chapters(20)),
      guide: '<guide><reference type="toc" title="目录" href="catalog.html"/></guide>',
    }),
    chapters: chapters(20),
  },
  {
    name: "epubBuilder: 上一章, 目录, 下一章 in each document",
    file: epub({
      docs: docs(six).map((one, no) => ({
        ...one,
        body: `${one.body}<div><a href="c${no}.xhtml">上一章</a> | <a href="toc.html">返回目录</a> | <a href="c${no + 2}.xhtml">下一章</a></div>`,
      })),
      ncx: links(six),
    }),
    chapters: six,
  },
  {
    name: "a converter of TXT: one document, anchors, headings as paragraphs",
    file: epub({
      docs: [
        doc("book.html", six.map((one, no) => `<p id="t${no}">${one.title}</p>${paragraphs(one.lines)}`).join("")),
      ],
      ncx: six.map(({ title }, no) => [title, `book.html#t${no}`]),
    }),
    chapters: six,
  },
  {
    name: "a converter of TXT: the book's title above each chapter's heading",
    file: epub({
      docs: six.map((one, no) => doc(`c${no + 1}.xhtml`, `<h1>灯下录</h1>${body(one)}`)),
      ncx: links(six),
    }),
    chapters: six,
  },
  {
    name: "a converter of TXT: the same, without contents",
    file: epub({ docs: six.map((one, no) => doc(`c${no + 1}.xhtml`, `<h1>灯下录</h1>${body(one)}`)) }),
    chapters: six,
  },
  {
    name: "Word: OPF of version 1, upper-case tags, no end tags",
    file: epub({
      docs: three.map((one, no) =>
        doc(`c${no + 1}.xhtml`, "", {
          raw: `<HTML><HEAD><TITLE>x</TITLE></HEAD><BODY LANG=zh><H2 CLASS=MsoNormal>${one.title}</H2>${one.lines.map((line) => `<P CLASS=MsoNormal><SPAN>${line}</SPAN>\n`).join("")}</BODY></HTML>`,
          type: "text/x-oeb1-document",
        }),
      ),
      ncx: links(three),
      metadata: "<dc-metadata><dc:Title>灯下录</dc:Title><dc:Creator>某甲</dc:Creator></dc-metadata>",
    }),
    chapters: three,
  },
  {
    name: "pandoc: sections with ids in each other",
    file: epub({
      docs: [
        doc(
          "ch001.xhtml",
          three.map((one, no) => `<section id="s${no}" class="level1">${body(one, "h1")}</section>`).join(""),
        ),
      ],
      nav: three.map(({ title }, no) => [title, `ch001.xhtml#s${no}`]),
      ncx: ncxOf(three.map(({ title }, no) => [title, `ch001.xhtml#s${no}`])),
    }),
    chapters: three,
  },
  {
    name: "titles as pictures above documents, their words as alternative text",
    file: epub({
      docs: three.map((one, no) =>
        doc(`c${no + 1}.xhtml`, `<h1><img src="t${no}.png" alt="${one.title}"/></h1>${paragraphs(one.lines)}`),
      ),
    }),
    chapters: three,
  },
  {
    name: "coloured pictures at the front, and within, without text",
    file: epub({
      docs: [
        doc("plate1.xhtml", '<img src="1.jpg" alt=""/>'),
        ...docs(six).flatMap((one, no) =>
          no === 3 ? [doc("plate2.xhtml", '<div class="illus"><img src="2.jpg" alt="插图"/></div>'), one] : [one],
        ),
      ],
      nav: [["彩插", "plate1.xhtml"], ...links(six)],
    }),
    chapters: six,
  },
  {
    name: "a chapter's first page of its own, the text in a document that no entry names",
    file: epub({
      docs: three.flatMap((one, no) => [
        doc(`h${no}.xhtml`, `<h1>${one.title}</h1>`),
        doc(`t${no}.xhtml`, paragraphs(one.lines)),
      ]),
      nav: three.map(({ title }, no) => [title, `h${no}.xhtml`]),
    }),
    chapters: three,
  },
  {
    name: "a chapter's first page of its own, the heading again above the text",
    file: epub({
      docs: three.flatMap((one, no) => [doc(`h${no}.xhtml`, `<h1>${one.title}</h1>`), doc(`t${no}.xhtml`, body(one))]),
      nav: three.map(({ title }, no) => [title, `h${no}.xhtml`]),
    }),
    chapters: three,
  },
  {
    name: "notes of all chapters in a document aside",
    file: epub({
      docs: [
        ...docs(three).map((one) => ({
          ...one,
          body: one.body!.replace("</p>", '<a epub:type="noteref" href="notes.xhtml#n1">[1]</a></p>'),
        })),
        doc("notes.xhtml", '<h1>注释</h1><p id="n1"><a href="c1.xhtml">[1]</a> 渡口，今已不存，见县志卷三。</p>', {
          linear: "no",
        }),
      ],
      nav: links(three),
    }),
    chapters: [
      ...three.map((one) => ({ ...one, lines: [`${one.lines[0]}[1]`, ...one.lines.slice(1)] })),
      { title: "注释", kind: "afterword", lines: ["[1] 渡口，今已不存，见县志卷三。"] },
    ],
  },
  {
    name: "notes in asides of their chapters",
    file: epub({
      docs: docs(three).map((one) => ({
        ...one,
        body: `${one.body}<aside epub:type="footnote" id="n1"><p>渡口，今已不存。</p></aside>`,
      })),
      nav: links(three),
    }),
    chapters: three.map((one) => ({ ...one, lines: [...one.lines, "渡口，今已不存。"] })),
  },
  {
    name: "copyright without an entry, its name in a paragraph",
    file: epub({
      docs: [
        doc("cover.xhtml", '<img src="c.png" alt=""/>'),
        doc("info.xhtml", paragraphs(["版权信息", ...copyright.lines, ...prose200])),
        ...docs(three),
      ],
      ncx: links(three),
    }),
    chapters: [{ ...copyright, lines: [...copyright.lines, ...prose200] }, ...three],
  },
  {
    name: "the author and the contents of the book on pages of their own",
    file: epub({
      docs: [
        doc("a.xhtml", body(chapter(40, "作者简介"))),
        doc("b.xhtml", body(chapter(41, "内容简介"))),
        ...docs(three),
      ],
      ncx: [["作者简介", "a.xhtml"], ["内容简介", "b.xhtml"], ...links(three)],
    }),
    chapters: [chapter(40, "作者简介", { kind: "preface" }), chapter(41, "内容简介", { kind: "preface" }), ...three],
  },
];
