import { zipFile } from "../../tests/library-import/zipFile.ts";

const container =
  '<?xml version="1.0"?><container><rootfiles><rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>';

function epub(bodies: readonly string[]): Uint8Array {
  const items = bodies.map((_, no) => `<item id="d${no}" href="d${no}.xhtml" media-type="application/xhtml+xml"/>`);
  const spine = bodies.map((_, no) => `<itemref idref="d${no}"/>`);
  const opf = `<metadata/><manifest>${items.join("")}</manifest><spine>${spine.join("")}</spine>`;
  return zipFile([
    { name: "mimetype", content: "application/epub+zip" },
    { name: "META-INF/container.xml", content: container },
    { name: "content.opf", content: `<?xml version="1.0" encoding="utf-8"?><package>${opf}</package>` },
    ...bodies.map((body, no) => ({
      name: `d${no}.xhtml`,
      content: `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>无</title></head><body>${body}</body></html>`,
    })),
  ]);
}

const lines = (count: number, line: (no: number) => string) =>
  Array.from({ length: count }, (_, no) => line(no)).join("\n");
/** Text that compresses about forty times: below the limit for a file. */
const prose = (length: number, seed: number) =>
  Array.from({ length }, (_, no) => String.fromCharCode(0x4e00 + (((no % 97) * 31 + seed) % 3_000))).join("");

export type HostileFile = { readonly type: "txt" | "epub"; readonly bytes: Uint8Array };

/** Files that are designed to keep an importer busy, by their content. */
export const hostileFiles: Readonly<Record<string, () => HostileFile>> = {
  "white space in an EPUB of 2 KB": () => ({ type: "epub", bytes: epub([`<p>甲${" \n".repeat(400_000)}乙</p>`]) }),
  "1,000,000 blank lines": () => ({
    type: "txt",
    bytes: text(`第一章 甲\n${"\n".repeat(1_000_000)}　　乙。\n第二章 丙\n丁`),
  }),
  "1,500,000 unclosed <b>": () => ({ type: "epub", bytes: epub([`${"<b>".repeat(1_500_000)}甲`]) }),
  "505 documents": () => ({
    type: "epub",
    bytes: epub(Array.from({ length: 505 }, (_, no) => `<p>${prose(40_000, no)}</p>`)),
  }),
  "150,000 paragraphs in one document": () => ({
    type: "epub",
    bytes: epub([Array.from({ length: 150_000 }, (_, no) => `<p>甲${(no * 7919) % 9973}</p>`).join("")]),
  }),
  "60,000 headings without order": () => ({
    type: "txt",
    bytes: text(lines(60_000, (no) => `第${(no * 7919) % 2_000}${"章回节卷"[no % 4]} 甲${no}`)),
  }),
  "600,000 lines like advertisements": () => ({
    type: "txt",
    bytes: text(lines(600_000, (no) => `更多小说请访问 www.site${no % 977}.com 第${no}页`)),
  }),
};

const text = (content: string) => Buffer.from(content, "utf8");
