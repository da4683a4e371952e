import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/library-import/decodeText.ts";
import { namesOf } from "../../src/library-import/parsedBook.ts";
import { parseFileName } from "../../src/library-import/txt/fileName.ts";
import { parseTxt } from "../../src/library-import/txt/parseTxt.ts";
import { bodyCases } from "./kinds/bodyCases.ts";
import { brotherCases } from "./kinds/brotherCases.ts";
import type { Case } from "./kinds/cases.ts";
import { contentsCases } from "./kinds/contentsCases.ts";
import { exportForms } from "./kinds/exportForms.ts";
import { exportHeads } from "./kinds/exportHeads.ts";
import { exportParts } from "./kinds/exportParts.ts";
import { formCases } from "./kinds/formCases.ts";
import { headingCases } from "./kinds/headingCases.ts";
import { orderCases } from "./kinds/orderCases.ts";
import { siteCases } from "./kinds/siteCases.ts";
import { fileNames, textCases } from "./kinds/textCases.ts";
import { wildCases } from "./kinds/wildCases.ts";

/** Variations of the kinds of faults of faults/README.md, and files as download sites make them. */
const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

describe.each<[string, readonly Case[]]>([
  ["headings", headingCases],
  ["contents and essays", contentsCases],
  ["text and first lines", textCases],
  ["heads and banners of download sites", siteCases],
  ["forms of headings", formCases],
  ["numbers and places of headings", orderCases],
  ["what chapters hold, and bytes", bodyCases],
  ["headings of apps, sites and typesetters", exportForms],
  ["parts without numbers, and text like headings", exportParts],
  ["heads and names of libraries and shops", exportHeads],
  ["brothers of the faults, in both scripts", brotherCases],
  ["novels from public places", wildCases],
])("%s", (_what, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s: the chapters are found", (_name, made) => {
    const file = iconv.encode(made.text.replaceAll("\n", made.layout.lineEnd), made.encoding ?? "utf8");
    const book = parseTxt(decodeText(file).text, made.fileName ?? "download");
    const { chapters } = book;
    expect(chapters.map((chapter) => chapter.title)).toEqual(made.chapters.map((chapter) => chapter.title));
    expect(namesOf(book)).toEqual({ title: made.title, author: made.author });
    made.chapters.forEach(({ volume, lines }, index) => {
      expect(linesOf(chapters[index]!.text)).toEqual(lines);
      if (volume !== undefined) expect(chapters[index]!.volume).toBe(volume);
    });
  });
});

test.each(fileNames)("the name %s says %s by %s", (name, title, author) => {
  expect(parseFileName(name)).toMatchObject({ title, author });
});
