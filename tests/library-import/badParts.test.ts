import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { bookFolder, booksOf, epubFile, xhtml } from "./bookFiles.ts";

const folder = bookFolder();
const text = "<p>他沿着河边走了很久，看见桥旁有人守着灯，便停下来问起舟的下落，那人只是摇头不答。</p>".repeat(5);
const titles = ["第一章 灯", "第二章 舟", "第三章 桥"];
const documents = Object.fromEntries(titles.map((title, no) => [`c${no}.xhtml`, xhtml(`<h1>${title}</h1>${text}`)]));
const link = (title: string, href: string) =>
  `<navPoint><navLabel><text>${title}</text></navLabel><content src="${href}"/></navPoint>`;

type Faulty = {
  readonly type?: string;
  readonly manifest?: string;
  readonly spine?: string;
  readonly links?: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The change of its bytes. */
  readonly bytes?: (file: Buffer) => Buffer;
};

/** A valid book of three chapters, except for the given changes. */
function faulty({
  type = "application/xhtml+xml",
  manifest = "",
  spine,
  links,
  files = {},
  bytes = (file) => file,
}: Faulty): Uint8Array {
  const items = titles.map((_, no) => `<item id="d${no}" href="c${no}.xhtml" media-type="${type}"/>`).join("");
  const order = spine ?? titles.map((_, no) => `<itemref idref="d${no}"/>`).join("");
  const opf = `<metadata><title>灯下录</title></metadata><manifest>${items}<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>${manifest}</manifest><spine toc="ncx">${order}</spine>`;
  const ncx = `<ncx><navMap>${(links ?? titles.map((title, no) => link(title, `c${no}.xhtml`))).join("")}</navMap></ncx>`;
  return bytes(epubFile(opf, { ...documents, "toc.ncx": ncx, ...files }));
}

const all = titles.map((title, no) => link(title, `c${no}.xhtml`));

test.each<[string, Faulty, string?]>([
  [
    "links from the root, and out of the book",
    { links: [link(titles[0]!, "/OEBPS/c0.xhtml"), link(titles[1]!, "../../OEBPS/c1.xhtml"), all[2]!] },
  ],
  ["links to nothing", { links: [...all, link("x", "../../../etc/passwd")] }, "leads out of the book"],
  ["a media type of old", { type: "text/x-oeb1-document" }],
  ["no media type", { type: "" }],
  ["a chapter aside", { spine: '<itemref idref="d0"/><itemref idref="d1" linear="no"/><itemref idref="d2"/>' }],
  [
    "a chapter that only the contents name",
    { spine: '<itemref idref="d0"/><itemref idref="d2"/>' },
    "not in the reading order",
  ],
  ["chapters that the contents do not name", { links: [all[0]!] }],
  ["a first chapter that the contents call its cover", { links: [link("封面", "c0.xhtml")] }],
  ["anchors that are nowhere", { links: titles.map((title, no) => link(title, `c${no}.xhtml#x`)) }],
  ["contents that are no XML", { files: { "toc.ncx": "<ncx><navMap><navPoint><navLabel>" } }],
  ["no contents", { files: { "toc.ncx": "" } }],
  ["NULs at an end", { files: { "c0.xhtml": `${documents["c0.xhtml"]}\0\0` } }],
  ["NULs behind its end", { bytes: (file) => Buffer.concat([file, Buffer.alloc(512)]) }],
  ["a page of HTML behind its end", { bytes: (file) => Buffer.concat([file, Buffer.from("<html>…</html>")]) }],
  ["no reading order", { spine: "" }, "no reading order"],
  [
    "a byte that is damaged in a short document of UTF-8",
    {
      files: {
        "c0.xhtml": Buffer.concat([
          Buffer.from(`<html><body><h1>${titles[0]}</h1><p>灯下`),
          Buffer.from([0xe7, 0xab]),
          Buffer.from("<br/>谁</p></body></html>"),
        ]),
      },
    },
    "c0.xhtml: 1 characters cannot be read",
  ],
  [
    "a document of two encodings",
    {
      files: {
        "c0.xhtml": Buffer.concat([
          Buffer.from(`<html><body><h1>${titles[0]}</h1>${text}`),
          iconv.encode(`${text}</body></html>`, "gb18030"),
        ]),
      },
    },
    "c0.xhtml: it is in two encodings",
  ],
  [
    "a checksum that is wrong",
    {
      bytes: (file) => {
        const at = file.lastIndexOf("OEBPS/c1.xhtml") - 30;
        return Buffer.concat([file.subarray(0, at), Buffer.alloc(4), file.subarray(at + 4)]);
      },
    },
    "is damaged",
  ],
  [
    "a document that is not there",
    { manifest: '<item id="d9" href="c9.xhtml" media-type="text/html"/>' },
    "not in the file",
  ],
  [
    "a cover that is no picture",
    {
      manifest: '<item id="cover" href="cover.jpg" media-type="image/jpeg"/>',
      files: { "cover.jpg": Buffer.from([0, 1, 2]) },
    },
    "is no picture",
  ],
  [
    "entities for characters",
    {
      files: {
        "c0.xhtml": `<!DOCTYPE html [<!ENTITY mdash "&#8212;"><!ENTITY who "某甲">]><html><body><h1>${titles[0]}</h1><p>&mdash;&who;&nbsp;</p>${text}</body></html>`,
      },
    },
  ],
  [
    "tags that close themselves",
    {
      files: {
        "c0.xhtml": `<html><head><title/><script src="x"/></head><body><h1>${titles[0]}</h1>${text}</body></html>`,
      },
    },
  ],
])("a book with %s is imported whole", async (name, fault, warning) => {
  const [book] = await booksOf(await folder.write(`${name}.epub`, faulty(fault)));
  expect(book!.chapters.map(({ title }) => title)).toEqual(titles);
  expect(book!.account!.kept).toBe(book!.account!.read);
  if (warning !== undefined) expect(book!.account!.warnings.join()).toContain(warning);
});

test("a document that is damaged is missing from the account, and the others are imported", async () => {
  const broken = (file: Buffer) => {
    const at = file.indexOf("OEBPS/c1.xhtml") + 14;
    return Buffer.concat([file.subarray(0, at), Buffer.alloc(60, 0xff), file.subarray(at + 60)]);
  };
  const [book] = await booksOf(await folder.write("damaged.epub", faulty({ bytes: broken })));
  expect(book!.chapters.map(({ title }) => title)).toEqual([titles[0], titles[2]]);
  expect(book!.account!.warnings.join()).toMatch(/only \d+\.\d % of the text.*c1\.xhtml is damaged/);
});

test("names of files in GBK, as an old Chinese Windows packs them, are found", async () => {
  const gbk = iconv.encode("OEBPS/第一.xhtml", "gbk").toString("latin1");
  const opf = `<metadata/><manifest><item id="a" href="第一.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>`;
  const file = epubFile(opf, {}, [{ name: gbk, content: documents["c0.xhtml"]!, latin1: true }]);
  expect((await booksOf(await folder.write("gbk.epub", file)))[0]!.chapters).toHaveLength(1);
});

test.each(["Unknown", "未知"])("a title and an author that say %s are guessed from the file's name", async (word) => {
  const opf = `<metadata><title>${word}</title><creator>${word}</creator></metadata><manifest><item id="a" href="c0.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>`;
  const path = await folder.write("灯下录-林深.epub", epubFile(opf, documents));
  expect((await booksOf(path))[0]).toMatchObject({
    title: undefined,
    author: undefined,
    ifNew: { title: "灯下录", author: "林深" },
  });
});
