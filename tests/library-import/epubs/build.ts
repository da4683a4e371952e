import { epubFile, xhtml } from "../bookFiles.ts";
import { prose, titleOf, zh } from "../kinds/prose.ts";
import type { ZipEntry } from "../zipFile.ts";

/** A chapter as a test expects it. */
export type Right = {
  readonly title: string;
  readonly volume?: string;
  /** By default `chapter`. */
  readonly kind?: "preface" | "chapter" | "afterword";
  readonly lines: readonly string[];
};

/** An EPUB that a test makes, and what a reader expects of it. */
export type EpubCase = {
  readonly name: string;
  readonly fileName?: string;
  readonly file: Uint8Array;
  /** By default 灯下录 by 某甲. */
  readonly title?: string;
  readonly author?: string | undefined;
  readonly chapters: readonly Right[];
  /** A part of a warning that is expected. */
  readonly warning?: string;
};

/** A chapter of invented prose: 第一章 夜渡, or another title. */
export const chapter = (no: number, title = `第${zh(no)}章 ${titleOf(no)}`, more: Partial<Right> = {}): Right => ({
  title,
  lines: prose(no * 53 + 7, 260),
  ...more,
});
export const chapters = (count: number, from = 1): readonly Right[] =>
  Array.from({ length: count }, (_, index) => chapter(index + from));

export const paragraphs = (lines: readonly string[]): string => lines.map((line) => `<p>${line}</p>`).join("\n");
/** The body of a chapter's document with its heading in a tag. */
export const body = ({ title, lines }: Pick<Right, "title" | "lines">, tag = "h2"): string =>
  `${tag === "" ? "" : `<${tag}>${title}</${tag}>`}\n${paragraphs(lines)}`;

/** A document: its path below OEBPS/, and its body or, with `raw`, its bytes. */
export type Doc = {
  readonly path: string;
  readonly body?: string;
  readonly raw?: string | Uint8Array;
  readonly type?: string;
  readonly linear?: "no";
  /** Not in the reading order. */
  readonly aside?: true;
  readonly id?: string;
};
export const doc = (path: string, body: string, more: Partial<Doc> = {}): Doc => ({ path, body, ...more });
/** A document for each chapter: c1.xhtml, c2.xhtml, … */
export const docs = (some: readonly Right[], tag = "h2"): readonly Doc[] =>
  some.map((one, index) => doc(`c${index + 1}.xhtml`, body(one, tag)));

/** An entry of a table of contents, its target and those below it. */
export type Link = readonly [title: string, href?: string | undefined, below?: readonly Link[]];
export const links = (some: readonly Right[]): readonly Link[] =>
  some.map(({ title }, index) => [title, `c${index + 1}.xhtml`]);

export function ncxOf(entries: readonly Link[], head = ""): string {
  const points = (some: readonly Link[]): string =>
    some
      .map(
        ([title, href, below = []]) =>
          `<navPoint><navLabel><text>${title}</text></navLabel>${href === undefined ? "" : `<content src="${href}"/>`}${points(below)}</navPoint>`,
      )
      .join("\n");
  return `<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/">${head}<navMap>${points(entries)}</navMap></ncx>`;
}

export function navOf(entries: readonly Link[], around = { before: "", behind: "" }): string {
  const list = (some: readonly Link[]): string =>
    `<ol>${some
      .map(
        ([title, href, below = []]) =>
          `<li>${href === undefined ? `<span>${title}</span>` : `<a href="${href}">${title}</a>`}${below.length > 0 ? list(below) : ""}</li>`,
      )
      .join("")}</ol>`;
  return xhtml(`${around.before}<nav epub:type="toc" id="toc"><h2>目录</h2>${list(entries)}</nav>${around.behind}`);
}

export type Parts = {
  readonly docs: readonly Doc[];
  readonly ncx?: readonly Link[] | string;
  readonly nav?: readonly Link[] | string;
  /** The elements of the package's metadata. */
  readonly metadata?: string;
  readonly manifest?: string;
  /** Instead of the documents in order. */
  readonly spine?: string;
  readonly spineAttributes?: string;
  readonly guide?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly extra?: readonly ZipEntry[];
};

export const metadata = `<dc:title>灯下录</dc:title><dc:creator opf:role="aut">某甲</dc:creator><dc:language>zh</dc:language>`;

/** The files below OEBPS/, and the package document. */
export function partsOf(parts: Parts): { readonly opf: string; readonly files: Record<string, string | Uint8Array> } {
  const { docs, ncx, nav } = parts;
  const id = ({ id, path }: Doc) => id ?? `id_${path.replace(/[^\w.]/gu, "_")}`;
  const escaped = (path: string) => path.replaceAll("&", "&amp;");
  const items = docs.map(
    (one) => `<item id="${id(one)}" href="${escaped(one.path)}" media-type="${one.type ?? "application/xhtml+xml"}"/>`,
  );
  if (ncx !== undefined) items.push('<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>');
  if (nav !== undefined)
    items.push('<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>');
  const order = docs
    .filter(({ aside }) => !aside)
    .map((one) => `<itemref idref="${id(one)}"${one.linear ? ' linear="no"' : ""}/>`)
    .join("");
  const toc = ncx === undefined ? "" : 'toc="ncx"';
  const opf = `<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">${parts.metadata ?? metadata}</metadata>
    <manifest>${items.join("")}${parts.manifest ?? ""}</manifest>
    <spine ${parts.spineAttributes ?? toc}>${parts.spine ?? order}</spine>${parts.guide ?? ""}`;
  const files = Object.fromEntries(docs.map(({ path, body, raw }) => [decodeURIComponent(path), raw ?? xhtml(body!)]));
  return {
    opf,
    files: {
      ...files,
      ...(ncx !== undefined && { "toc.ncx": typeof ncx === "string" ? ncx : ncxOf(ncx) }),
      ...(nav !== undefined && { "nav.xhtml": typeof nav === "string" ? nav : navOf(nav) }),
      ...parts.files,
    },
  };
}

export function epub(parts: Parts): Uint8Array {
  const { opf, files } = partsOf(parts);
  return epubFile(opf, files, parts.extra);
}
