import { chapters, doc, type EpubCase, epub, links, paragraphs, type Right } from "./build.ts";

const three = chapters(3);
/** A document's body from a chapter, its lines marked up by `line`. */
const set = (one: Right, line: (text: string, no: number) => string, heading = `<h2>${one.title}</h2>`) =>
  `${heading}\n${one.lines.map(line).join("\n")}`;
const each = (some: readonly Right[], make: (one: Right, no: number) => string) =>
  some.map((one, index) => doc(`c${index + 1}.xhtml`, make(one, index + 1)));
const simple = (name: string, make: (one: Right, no: number) => string, right: readonly Right[] = three): EpubCase => ({
  name,
  file: epub({ docs: each(right, make), ncx: links(right) }),
  chapters: right,
});
/** Paragraphs as readers and converters mark them up. */
export const paragraphCases: readonly EpubCase[] = [
  simple("Kobo: spans around each sentence", (one, no) =>
    set(
      one,
      (text, at) =>
        `<p><span class="koboSpan" id="kobo.${no}.${at}">${text.slice(0, 4)}</span><span class="koboSpan" id="kobo.${no}.${at}b">${text.slice(4)}</span></p>`,
    ),
  ),
  simple("paragraphs as div, headings as div with a class", (one) =>
    set(one, (text) => `<div class="p">${text}</div>`, `<div class="chaptertitle">${one.title}</div>`),
  ),
  simple("text straight in the body, parted by br", (one) => set(one, (text) => `　　${text}<br/><br/>`)),
  simple("one paragraph with br for each line", (one) => `<h2>${one.title}</h2><p>${one.lines.join("<br/>\n")}</p>`),
  simple("empty paragraphs with a no-break space between", (one) =>
    set(one, (text) => `<p>${text}</p><p>&#160;</p><p><br/></p>`),
  ),
  simple("soft hyphens and word breaks", (one) =>
    set(one, (text) => `<p>${text.slice(0, 5)}<wbr/>${text.slice(5)}</p>`),
  ),
  simple("ruby with rb, rt and rtc", (one) =>
    set(
      one,
      (text) => `<p><ruby><rb>${text.slice(0, 2)}</rb><rp>(</rp><rt>dù kǒu</rt><rp>)</rp></ruby>${text.slice(2)}</p>`,
    ),
  ),
  simple("ruby with an annotation of two levels (rtc)", (one) =>
    set(one, (text) => `<p><ruby>${text.slice(0, 2)}<rtc><rt>dù</rt><rt>kǒu</rt></rtc></ruby>${text.slice(2)}</p>`),
  ),
  simple("upright digits in vertical text", (one) =>
    set(one, (text) => `<p>${text.slice(0, 3)}<span class="tcy">${text.slice(3, 5)}</span>${text.slice(5)}</p>`),
  ),
  simple(
    "lists as paragraphs",
    (one) => `<h2>${one.title}</h2><ul>${one.lines.map((line) => `<li>${line}</li>`).join("")}</ul>`,
  ),
  simple(
    "a table for the layout",
    (one) =>
      `<h2>${one.title}</h2><table><tr><td>${one.lines.map((line) => `<p>${line}</p>`).join("")}</td></tr></table>`,
  ),
  simple(
    "sections within sections with headers",
    (one) =>
      `<section epub:type="bodymatter"><section epub:type="chapter"><header><h1>${one.title}</h1></header>${paragraphs(one.lines)}</section></section>`,
  ),
  simple("number and title in spans of one heading", (one) => {
    const [number, title] = one.title.split(" ");
    return set(
      one,
      (text) => `<p>${text}</p>`,
      `<h2><span class="num">${number}</span> <span class="name">${title}</span></h2>`,
    );
  }),
  simple("number and title parted by br in one heading", (one) => {
    const [number, title] = one.title.split(" ");
    return set(one, (text) => `<p>${text}</p>`, `<h2>${number}<br/>${title}</h2>`);
  }),
  simple("a heading in bold of a paragraph", (one) =>
    set(one, (text) => `<p>${text}</p>`, `<p><b>${one.title}</b></p>`),
  ),
  simple("comments, processing instructions and conditional comments", (one) =>
    set(one, (text) => `<!-- 注 --><?pi some?><p>${text}</p><!--[if IE]><p>旧</p><![endif]-->`),
  ),
  simple("page breaks with numbers as titles", (one, no) =>
    set(one, (text, at) => `<span epub:type="pagebreak" id="p${no}_${at}" title="${at}"></span><p>${text}</p>`),
  ),
  simple("pictures between paragraphs", (one) =>
    set(one, (text) => `<p>${text}</p><div class="pic"><img src="a.jpg" alt=""/></div>`),
  ),
  simple(
    "upper-case elements without quotes",
    (one) => `<H2 CLASS=t>${one.title}</H2>${one.lines.map((line) => `<P CLASS=a>${line}`).join("\n")}`,
  ),
  simple(
    "each document twice in wrappers of a site",
    (one) => `<div id="wrapper"><div id="content"><h2>${one.title}</h2>${paragraphs(one.lines)}</div></div>`,
  ),
  simple("anchors within paragraphs", (one) =>
    set(one, (text, at) => `<p>${text.slice(0, 3)}<a id="a${at}"/>${text.slice(3)}</p>`),
  ),
];
