import { xhtml } from "../bookFiles.ts";
import { type ZipEntry, zipFile } from "../zipFile.ts";
import { body, chapters, doc, docs, type EpubCase, epub, links, type Parts, paragraphs, partsOf } from "./build.ts";

const three = chapters(3);
const plain: Parts = { docs: docs(three), ncx: links(three) };

/** The files of an EPUB as a ZIP holds them. */
function entriesOf(parts: Parts, at = "OEBPS/"): readonly ZipEntry[] {
  const { opf, files } = partsOf(parts);
  return [
    { name: "mimetype", content: "application/epub+zip" },
    { name: "META-INF/container.xml", content: container(`${at}content.opf`) },
    { name: `${at}content.opf`, content: `<?xml version="1.0" encoding="utf-8"?><package>${opf}</package>` },
    ...Object.entries(files).map(([name, content]) => ({ name: `${at}${name}`, content })),
  ];
}
const container = (...paths: readonly string[]) =>
  `<?xml version="1.0"?><container><rootfiles>${paths.map((path) => `<rootfile full-path="${path}" media-type="application/oebps-package+xml"/>`).join("")}</rootfiles></container>`;
const zipped = (name: string, entries: readonly ZipEntry[], warning?: string): EpubCase => ({
  name,
  file: zipFile(entries),
  chapters: three,
  ...(warning !== undefined && { warning }),
});
const all = entriesOf(plain);
const without = (name: string) => all.filter((entry) => entry.name !== name);
const packed = (name: string, parts: Partial<Parts>, warning?: string): EpubCase => ({
  name,
  file: epub({ ...plain, ...parts }),
  chapters: three,
  ...(warning !== undefined && { warning }),
});
const at = (href: (no: number) => string, path: (no: number) => string): Partial<Parts> => ({
  docs: [],
  manifest: three
    .map((_, no) => `<item id="d${no}" href="${href(no + 1)}" media-type="application/xhtml+xml"/>`)
    .join(""),
  spine: three.map((_, no) => `<itemref idref="d${no}"/>`).join(""),
  ncx: three.map(({ title }, no) => [title, href(no + 1)]),
  files: Object.fromEntries(three.map((one, no) => [path(no + 1), xhtml(body(one))])),
});

/** Invalid ZIPs, manifests and paths. */
export const containerCases: readonly EpubCase[] = [
  zipped("no mimetype", without("mimetype")),
  zipped("a mimetype with a line end, at the end", [
    ...without("mimetype"),
    { name: "mimetype", content: "application/epub+zip\r\n" },
  ]),
  zipped("no container, one package document", without("META-INF/container.xml")),
  zipped(
    "a container whose case differs",
    all.map((entry) => ({ ...entry, name: entry.name.replace("META-INF", "meta-inf") })),
  ),
  zipped("a container that names another path", [
    ...without("META-INF/container.xml"),
    { name: "META-INF/container.xml", content: container("EPUB/package.opf") },
  ]),
  zipped("a container that is empty", [
    ...without("META-INF/container.xml"),
    { name: "META-INF/container.xml", content: "" },
  ]),
  zipped("two packages, the first of which is not there", [
    ...without("META-INF/container.xml"),
    { name: "META-INF/container.xml", content: container("gone.opf", "OEBPS/content.opf") },
  ]),
  zipped("all in a folder of its own, with what macOS adds", [
    ...all.map((entry) => ({ ...entry, name: `灯下录/${entry.name}` })),
    { name: "__MACOSX/灯下录/OEBPS/._content.opf", content: "x" },
    { name: "__MACOSX/灯下录/META-INF/._container.xml", content: "x" },
    { name: "灯下录/.DS_Store", content: "x" },
  ]),
  zipped("no folder at all", entriesOf(plain, "")),
  zipped(
    "names with backslashes",
    all.map((entry) => ({ ...entry, name: entry.name.replaceAll("/", "\\") })),
  ),
  zipped(
    "names that begin with ./",
    all.map((entry) => ({ ...entry, name: `./${entry.name}` })),
  ),
  zipped("directories as entries", [{ name: "META-INF/", content: "" }, { name: "OEBPS/", content: "" }, ...all]),
  zipped(
    "stored, not deflated",
    all.map((entry) => ({ ...entry, stored: true })),
  ),
  zipped(
    "sizes behind the data",
    all.map((entry) => ({ ...entry, descriptor: true })),
  ),
  zipped(
    "ZIP64",
    all.map((entry) => ({ ...entry, zip64: true })),
  ),
  zipped("a file twice", [...all, all.at(-1)!]),
  {
    name: "a comment behind the ZIP that its record does not count",
    file: Buffer.concat([zipFile(all), Buffer.from("made by a tool")]),
    chapters: three,
  },
  packed(
    "percent-encoded paths",
    at(
      (no) => encodeURIComponent(`章 ${no}.xhtml`),
      (no) => `章 ${no}.xhtml`,
    ),
  ),
  packed(
    "paths with spaces and brackets, not encoded",
    at(
      (no) => `c [${no}] (a).xhtml`,
      (no) => `c [${no}] (a).xhtml`,
    ),
  ),
  packed(
    "a percent sign in a name",
    at(
      (no) => `100%-${no}.xhtml`,
      (no) => `100%-${no}.xhtml`,
    ),
  ),
  packed(
    "names in the ZIP that are percent-encoded themselves",
    at(
      (no) => `%E7%AB%A0${no}.xhtml`,
      (no) => `%E7%AB%A0${no}.xhtml`,
    ),
  ),
  packed(
    "an ampersand in a name",
    at(
      (no) => `a&amp;b${no}.xhtml`,
      (no) => `a&b${no}.xhtml`,
    ),
  ),
  packed(
    "case that differs",
    at(
      (no) => `text/C${no}.XHTML`,
      (no) => `Text/c${no}.xhtml`,
    ),
    "taken for",
  ),
  packed(
    "names in another Unicode form",
    at(
      (no) => `caf\u00e9${no}.xhtml`,
      (no) => `cafe\u0301${no}.xhtml`,
    ),
  ),
  packed(
    "backslashes in the manifest",
    at(
      (no) => `text\\c${no}.xhtml`,
      (no) => `text/c${no}.xhtml`,
    ),
  ),
  packed(
    "paths from the root",
    at(
      (no) => `/OEBPS/c${no}.xhtml`,
      (no) => `c${no}.xhtml`,
    ),
  ),
  packed(
    "paths with the folder twice",
    at(
      (no) => `OEBPS/c${no}.xhtml`,
      (no) => `c${no}.xhtml`,
    ),
  ),
  packed(
    "paths without their folder",
    at(
      (no) => `c${no}.xhtml`,
      (no) => `Text/c${no}.xhtml`,
    ),
  ),
  packed("ids twice", { docs: docs(three).map((one) => ({ ...one, id: "x" })) }),
  packed("an itemref twice", {
    spine: ["c1", "c2", "c2", "c3"].map((id) => `<itemref idref="id_${id}.xhtml"/>`).join(""),
  }),
  packed("ids with spaces around them", {
    spine: ["c1", "c2", "c3"].map((id) => `<itemref idref=" id_${id}.xhtml "/>`).join(""),
  }),
  packed("itemrefs that name paths", {
    spine: ["c1", "c2", "c3"].map((id) => `<itemref idref="${id}.xhtml"/>`).join(""),
  }),
  packed("a spine that does not name the contents", { spineAttributes: "" }),
  packed("a spine that names other contents", { spineAttributes: 'toc="toc"' }),
  packed("documents as text/html", { docs: docs(three).map((one) => ({ ...one, type: "text/html" })) }),
  packed("documents as application/xml", { docs: docs(three).map((one) => ({ ...one, type: "application/xml" })) }),
  packed("documents as text/plain", { docs: docs(three).map((one) => ({ ...one, type: "text/plain" })) }),
  packed("documents as octets", { docs: docs(three).map((one) => ({ ...one, type: "application/octet-stream" })) }),
  packed("documents as pictures", { docs: docs(three).map((one) => ({ ...one, type: "image/jpeg" })) }),
  packed("a picture in the reading order", {
    docs: [doc("p.svg", "", { raw: "<svg><text>x</text></svg>", type: "image/svg+xml" }), ...docs(three)],
  }),
  packed("an EPUB 3 with an NCX and no navigation document", {
    metadata: `<dc:title>灯下录</dc:title><dc:creator>某甲</dc:creator><meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>`,
  }),
  packed("documents that only the contents name, not the manifest", {
    docs: docs(three).slice(0, 2),
    files: { "c3.xhtml": xhtml(body(three[2]!)) },
  }),
  {
    name: "a document of text that neither order nor contents name",
    file: epub({
      docs: [...docs(three.slice(0, 2)), { ...docs(three)[2]!, aside: true }],
      ncx: links(three.slice(0, 2)),
    }),
    chapters: three,
    warning: "not in the reading order",
  },
  packed("linear no on everything", { docs: docs(three).map((one) => ({ ...one, linear: "no" as const })) }),
  packed("an obfuscated font", {
    extra: [
      {
        name: "META-INF/encryption.xml",
        content:
          '<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/f.otf"/></CipherData></EncryptedData></encryption>',
      },
    ],
  }),
  packed("rights.xml of a shop that encrypts nothing", {
    extra: [{ name: "META-INF/rights.xml", content: "<rights/>" }],
  }),
  packed("a package document with a DOCTYPE and prefixes", {
    metadata:
      '<opf:x xmlns:opf="http://www.idpf.org/2007/opf"/><dc:title>灯下录</dc:title><dc:creator>某甲</dc:creator>',
  }),
  packed("an empty document among the others", { docs: [...docs(three), doc("e.xhtml", "", { raw: "" })] }),
  packed("a document of white space and a full stop", {
    docs: [...docs(three), doc("e.xhtml", paragraphs(["\u3000", "&nbsp;"]))],
  }),
];
