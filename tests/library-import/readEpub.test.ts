import { describe, expect, test } from "vitest";
import { bookFolder, booksOf, epubFile, xhtml } from "./bookFiles.ts";

const folder = bookFolder();
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const metadata = `<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title>灯下 &amp; 渡口</dc:title><dc:creator opf:role="aut">某人</dc:creator><dc:creator opf:role="ill">画师</dc:creator>
  <dc:description>&lt;p&gt;一盏灯。&lt;/p&gt;&lt;p&gt;一条河。&lt;/p&gt;</dc:description><dc:language>zh-CN</dc:language>
  <meta name="cover" content="pic"/></metadata>`;

const chapters = (book: Awaited<ReturnType<typeof booksOf>>[number]) =>
  book.chapters.map(({ title, volume, kind, text }) => [title, volume, kind, text]);

test("EPUB 2: metadata, cover, volumes of a nested NCX, several chapters in a file, a chapter over two files", async () => {
  const ncx = `<ncx><navMap>
    <navPoint><navLabel><text>封面</text></navLabel><content src="text/cover.xhtml"/></navPoint>
    <navPoint><navLabel><text>楔子</text></navLabel><content src="text/a.xhtml"/></navPoint>
    <navPoint><navLabel><text>第一卷 渡口</text></navLabel><content src="text/b.xhtml"/>
      <navPoint><navLabel><text>第一章 风　起</text></navLabel><content src="text/b.xhtml#c1"/></navPoint>
      <navPoint><navLabel><text>第二章 雨落</text></navLabel><content src="text/b.xhtml#c2"/></navPoint></navPoint>
    <navPoint><navLabel><text>后记</text></navLabel><content src="text/%E5%90%8E.xhtml"/></navPoint></navMap></ncx>`;
  const opf = `${metadata}<manifest>
    <item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="pic" href="img/c.png" media-type="image/png"/>
    <item id="cover" href="text/cover.xhtml" media-type="application/xhtml+xml"/>
    ${["a", "b", "b2"].map((id) => `<item id="${id}" href="text/${id}.xhtml" media-type="application/xhtml+xml"/>`).join("")}
    <item id="z" href="text/%E5%90%8E.xhtml" media-type="application/xhtml+xml"/></manifest>
    <spine toc="ncx">${["cover", "a", "b", "b2", "z"].map((id) => `<itemref idref="${id}"/>`).join("")}</spine>`;
  const file = epubFile(opf, {
    "toc.ncx": ncx,
    "img/c.png": png,
    "text/cover.xhtml": xhtml('<img src="../img/c.png" alt="封面"/>'),
    "text/a.xhtml": xhtml("<h1>楔 子</h1><p>很久以前，<b>有</b>一盏灯。<br/>它还亮着。</p>"),
    "text/b.xhtml": xhtml(
      '<h1>第一卷 渡口</h1><h2 id="c1">第一章<br/>风　起</h2><p>甲&nbsp;&lt;乙&gt;。<script>alert(1)</script></p><h2><a id="c2"/>第二章 雨落</h2><p>雨\n落。</p>',
    ),
    "text/b2.xhtml": xhtml("<div><ruby>渡<rt>du</rt></ruby>口<ruby>边<rt>bian</rt></ruby>。</div>"),
    "text/后.xhtml": xhtml("<p>写完了。</p>"),
  });
  const [book] = await booksOf(await folder.write("二.epub", file));
  expect(book).toMatchObject({
    title: "灯下 & 渡口",
    author: "某人",
    intro: "一盏灯。\n一条河。",
    language: "zh-CN",
    encoding: "utf-8",
    cover: { contentType: "image/png", bytes: png },
  });
  expect(chapters(book!)).toEqual([
    ["楔子", null, "preface", "很久以前，有一盏灯。\n它还亮着。"],
    ["第一章 风　起", "第一卷 渡口", "chapter", "甲 <乙>。"],
    ["第二章 雨落", "第一卷 渡口", "chapter", "雨落。\n渡口边。"],
    ["后记", null, "afterword", "写完了。"],
  ]);
});

test("volumes in volumes: what is joined of their titles is cut like a heading", async () => {
  const nested = (level: number): string =>
    level === 0
      ? `<navPoint><navLabel><text>第一章 深处</text></navLabel><content src="a.xhtml"/></navPoint>`
      : `<navPoint><navLabel><text>${"卷".repeat(190)}</text></navLabel>${nested(level - 1)}</navPoint>`;
  const opf = `${metadata}<manifest><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
    <item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine toc="ncx"><itemref idref="a"/></spine>`;
  const file = epubFile(opf, {
    "toc.ncx": `<ncx><navMap>${nested(20)}</navMap></ncx>`,
    "a.xhtml": xhtml("<h1>第一章 深处</h1><p>到了。</p>"),
  });
  const [book] = await booksOf(await folder.write("深.epub", file));
  const volumes = book!.chapters.map(({ volume }) => volume!.length);
  expect(volumes.length).toBeGreaterThan(0);
  expect(Math.max(...volumes)).toBe(200);
});

test("EPUB 3: the navigation document and the manifest's cover; a flat table's volumes", async () => {
  const nav = xhtml(
    `<nav epub:type="landmarks"><ol><li><a href="a.xhtml">x</a></li></ol></nav><nav epub:type="toc"><h1>目录</h1><ol>
      <li><a href="v.xhtml">第一卷 起</a></li><li><a href="a.xhtml"><span>第一章</span> 甲</a></li>
      <li><span>第二卷 落</span><ol><li><a href="b.xhtml">第二章 乙</a></li></ol></li></ol></nav>`,
  );
  const opf = `${metadata}<manifest>
    <item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="c" href="c.jpg" media-type="image/jpeg" properties="cover-image"/>
    ${["v", "a", "b"].map((id) => `<item id="${id}" href="${id}.xhtml" media-type="application/xhtml+xml"/>`).join("")}</manifest>
    <spine><itemref idref="n"/><itemref idref="v"/><itemref idref="a"/><itemref idref="b"/></spine>`;
  const file = epubFile(opf, {
    "nav.xhtml": nav,
    "c.jpg": Buffer.from("ffd8ffe000104a464946", "hex"),
    "v.xhtml": xhtml("<h1>第一卷　起</h1>"),
    "a.xhtml": xhtml("<h2>第一章 甲</h2><p>一。</p>"),
    "b.xhtml": xhtml("<h2>第二章 乙</h2><p>二。</p>"),
  });
  const [book] = await booksOf(await folder.write("三.epub", file));
  expect(book!.cover?.contentType).toBe("image/jpeg");
  expect(chapters(book!)).toEqual([
    ["第一章 甲", "第一卷 起", "chapter", "一。"],
    ["第二章 乙", "第二卷 落", "chapter", "二。"],
  ]);
});

test("without a table of contents each document is a chapter by its heading", async () => {
  const opf = `<metadata/><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>
    <item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine>`;
  const file = epubFile(opf, {
    "a.xhtml": xhtml("<h1>序</h1><p>一。</p>"),
    "b.xhtml": xhtml("<p>第一章 甲</p><p>二。</p>"),
  });
  const [book] = await booksOf(await folder.write("无目录.epub", file));
  expect(book).toMatchObject({ title: undefined, ifNew: { title: "无目录" } });
  expect(chapters(book!)).toEqual([
    ["序", null, "preface", "一。"],
    ["第一章 甲", null, "chapter", "二。"],
  ]);
});

const plain = `<metadata/><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>`;
const text = { "a.xhtml": xhtml("<p>正文。</p>") };

describe("refused with a clear word is", () => {
  test.each([
    ["a bomb as a chapter", epubFile(plain, { "a.xhtml": "0".repeat(20_000_000) }), "ZIP bomb"],
    [
      "a bomb beside the book",
      epubFile(plain, text, [{ name: "x.bin", content: Buffer.alloc(8_000_000) }]),
      "ZIP bomb",
    ],
    [
      "a file that lies about its size",
      epubFile(plain, {}, [
        { name: "OEBPS/a.xhtml", content: xhtml("<p>正文。</p>".repeat(9_000)), declaredSize: 100 },
      ]),
      "too many bytes",
    ],
    [
      "a path that climbs out",
      epubFile(plain, text, [{ name: "../../etc/passwd", content: "x" }]),
      "invalid relative path",
    ],
    ["an absolute path", epubFile(plain, text, [{ name: "/etc/passwd", content: "x" }]), "absolute path"],
    [
      "an encrypted ZIP",
      epubFile(plain, text, [{ name: "OEBPS/b.xhtml", content: "x", encrypted: true }]),
      "encrypted",
    ],
    [
      "a book under DRM",
      epubFile(plain, text, [
        {
          name: "META-INF/encryption.xml",
          content:
            '<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/a.xhtml"/></CipherData></EncryptedData></encryption>',
        },
      ]),
      "DRM",
    ],
    [
      "entities that grow",
      epubFile(`<!DOCTYPE x [<!ENTITY a "哈"><!ENTITY b "&a;&a;&a;">]>${plain}`, text),
      "declares XML entities",
    ],
    [
      "entities in a chapter",
      epubFile(plain, {
        "a.xhtml": `<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body>&x;</body></html>`,
      }),
      "declares XML entities",
    ],
    ["a manifest that points outside", epubFile(plain.replace("a.xhtml", "../../../etc/passwd"), text), "has no text"],
    ["a book without text", epubFile(plain, { "a.xhtml": xhtml('<img src="x"/>') }), "has no text"],
    ["a book without documents", epubFile("<metadata/><manifest/><spine/>", {}), "spine lists no documents"],
    ["a deep package document", epubFile("<a>".repeat(5_000), {}), "too deep"],
  ])("%s", async (name, file, message) => {
    const path = await folder.write(`${name}.epub`, file);
    const error: unknown = await booksOf(path).catch((error: unknown) => error);
    expect(String(error).slice(String(error).indexOf(path) + path.length)).toContain(message);
    await expect(booksOf(path)).rejects.toMatchObject({
      name: "UnusableBookFile",
      message: expect.stringContaining(path),
    });
  });

  test("a ZIP that is no EPUB, and one that is cut off", async () => {
    const { zipFile } = await import("./zipFile.ts");
    const other = await folder.write("other.epub", zipFile([{ name: "a.txt", content: "x" }]));
    await expect(booksOf(other)).rejects.toThrow("is a ZIP but no EPUB");
    const cut = await folder.write("cut.epub", epubFile(plain, text).subarray(0, 300));
    await expect(booksOf(cut)).rejects.toThrow("is no sound ZIP");
  });
});
