import { describe, expect, test } from "vitest";
import { namesOf } from "../../src/library-import/parsedBook.ts";
import { bookFolder, booksOf } from "./bookFiles.ts";
import type { EpubCase } from "./epubs/build.ts";
import { containerCases } from "./epubs/containerCases.ts";
import { markupCases } from "./epubs/markupCases.ts";
import { metadataCases } from "./epubs/metadataCases.ts";
import { orderCases } from "./epubs/orderCases.ts";
import { paragraphCases } from "./epubs/paragraphCases.ts";
import { tableCases } from "./epubs/tableCases.ts";
import { toolCases } from "./epubs/toolCases.ts";

const folder = bookFolder();

// EPUBs as made by tools, shops and hand, each with what a reader expects of it.
describe.each<[string, readonly EpubCase[]]>([
  ["tools", toolCases],
  ["tables of contents", tableCases],
  ["titles and authors", metadataCases],
  ["mark-up and bytes", markupCases],
  ["containers", containerCases],
  ["paragraphs of readers and converters", paragraphCases],
  ["orders, contents and files", orderCases],
])("%s", (_what, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s: the chapters are found", async (_name, made) => {
    const path = await folder.write(`${made.fileName ?? "download"}.epub`, made.file);
    const [book] = await booksOf(path);
    const { chapters, account } = book!;
    expect(chapters.map(({ title, volume, kind }) => [title, volume, kind])).toEqual(
      made.chapters.map(({ title, volume = null, kind = "chapter" }) => [title, volume, kind]),
    );
    made.chapters.forEach(({ lines }, index) => {
      expect(chapters[index]!.text.split("\n")).toEqual(lines);
    });
    expect(namesOf(book!)).toEqual({
      title: made.title ?? "灯下录",
      author: "author" in made ? made.author : "某甲",
    });
    expect(account!.kept).toBe(account!.read);
    if (made.warning !== undefined) expect(account!.warnings.join()).toContain(made.warning);
  });
});
