import { afterAll, describe, expect, test } from "vitest";
import { namesOf } from "../../src/library-import/parsedBook.ts";
import { startBookReader } from "../../src/library-import/process/bookReader.ts";
import { startedFromNow } from "../support/processes.ts";
import { bookFolder, booksOf, epubFile, xhtml } from "./bookFiles.ts";

const folder = bookFolder();
const reader = startBookReader();
afterAll(() => reader.close());

const one = `<metadata/><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine><guide><reference type="cover" href="a.xhtml"/></guide>`;
const document = (body: string) => epubFile(one, { "a.xhtml": xhtml(body) });

// Each of these took minutes or overflowed the stack when some step of reading was quadratic or recursive.
describe("read in time that grows with its length alone is", () => {
  test.each<[string, Uint8Array, RegExp | number]>([
    ["white space in an EPUB of 2 KB", document(`<p>甲${" \n".repeat(400_000)}乙</p>`), 1],
    ["tags that never end", document(`<p>甲乙丙</p>${"<img ".repeat(150_000)}`), /has no text|^1$/],
    ["elements within elements", document(`${"<b>".repeat(150_000)}甲${"</i>".repeat(50_000)}`), 1],
    ["hidden elements without an end", document(`${"<object>".repeat(100_000)}甲`), 1],
    [
      "paragraphs beyond the stack",
      document(Array.from({ length: 60_000 }, (_, no) => `<p>甲${(no * 7919) % 9973}</p>`).join("")),
      /^\d+$/,
    ],
  ])("an EPUB with %s", async (name, file, expected) => {
    const path = await folder.write(`${name}.epub`, file);
    const outcome = await booksOf(path).then(
      ([book]) => book!.chapters.length,
      (error: Error) => error.message,
    );
    if (typeof expected === "number") expect(outcome).toBe(expected);
    else expect(String(outcome)).toMatch(expected);
  });

  test.each<[string, string, number]>([
    ["a million blank lines", `第一章 甲\n${"\n".repeat(1_000_000)}　　乙。\n第二章 丙\n丁`, 2],
    ["blank lines and no headings", `甲。${"\n".repeat(1_000_000)}乙`, 1],
    ["signs like entities", `甲${"&".repeat(900_000)}`, 1],
    [
      "headings without order",
      Array.from({ length: 3_000 }, (_, no) => `第${(no * 7919) % 2_000}${"章回节卷"[no % 4]} 甲${no}`).join("\n"),
      -1,
    ],
  ])("a TXT with %s", async (name, text, chapters) => {
    const [book] = await booksOf(await folder.write(`${name}.txt`, text));
    if (chapters >= 0) expect(book!.chapters).toHaveLength(chapters);
    expect(book!.account!.kept).toBeGreaterThan(0);
  });
});

test("an EPUB of more text than a book may have is refused before it is read whole", async () => {
  const names = Array.from({ length: 180 }, (_, no) => `a${no}`);
  const text = xhtml(`<p>${"甲乙丙丁".repeat(80_000)}</p>`);
  const items = names.map((name) => `<item id="${name}" href="${name}.xhtml" media-type="application/xhtml+xml"/>`);
  const opf = `<metadata/><manifest>${items.join("")}</manifest><spine>${names.map((name) => `<itemref idref="${name}"/>`).join("")}</spine>`;
  const file = epubFile(opf, Object.fromEntries(names.map((name) => [`${name}.xhtml`, text])));
  await expect(booksOf(await folder.write("many.epub", file))).rejects.toThrow("holds more than 160 MiB of text");
});

describe("a separate process reads", () => {
  const all = async (path: string, own = reader) => {
    const titles: string[] = [];
    for await (const book of own.read(path)) titles.push(namesOf(book).title);
    return titles;
  };

  test("books, and says what is wrong with a file", async () => {
    const novel = await folder.write("灯.txt", "《灯》\n\n第一章\n　　正文。");
    const picture = await folder.write("picture.txt", "GIF89a");
    const catalogue = Array.from({ length: 250 }, (_, no) => JSON.stringify({ id: no + 1, title: `书${no}` })).join(
      "\n",
    );
    expect(await all(novel)).toEqual(["灯"]);
    await expect(all(picture)).rejects.toMatchObject({ name: "UnusableBookFile" });
    expect(await all(await folder.write("books.jsonl", catalogue))).toHaveLength(250);
    const skipped: string[] = [];
    const bad = await folder.write("bad.jsonl", `${'{"a\n'.repeat(1_500)}{"id": 1, "title": "书"}`);
    const onSkip = (line: number, reason: string) => skipped.push(`${line} ${reason}`);
    for await (const { title } of reader.read(bad, { onSkip })) expect(title).toBe("书");
    expect(skipped).toHaveLength(1_001);
    expect(skipped.at(-1)).toBe("1001 and 499 more lines cannot be used");
    expect(await Promise.all([all(novel), all(novel)])).toEqual([["灯"], ["灯"]]);
  });

  test("as long as the machine lets it; the next file has a new process", async () => {
    const hasty = startBookReader({ cpuMs: { any: 0, perMiB: 0 } });
    const novel = await folder.write("雪.txt", "《雪》\n\n第一章\n　　正文。");
    for (let times = 0; times < 2; times++) {
      await expect(all(novel, hasty)).rejects.toMatchObject({
        name: "ReadingBrokeOff",
        message: expect.stringContaining("雪.txt: it could not be read within 0 s"),
      });
    }
    hasty.close();
  });

  test("within its processor time", async () => {
    const large = await folder.write("long.txt", "　　一句话。\n".repeat(1_500_000));
    const hasty = startBookReader({ cpuMs: { any: 1, perMiB: 0 }, timesByClock: 600_000 });
    await expect(all(large, hasty)).rejects.toMatchObject({
      name: "UnusableBookFile",
      message: expect.stringContaining("long.txt: it needs more than 0 s of processor time to read"),
    });
    hasty.close();
  });

  test("until it is killed from outside, which is no fault of the file", async () => {
    const { started, stop } = startedFromNow();
    const own = startBookReader();
    const lines = Array.from({ length: 250 }, (_, no) => JSON.stringify({ id: no + 1, title: `书${no}` }));
    const catalogue = await folder.write("killed.jsonl", lines.join("\n"));
    const titles: unknown[] = [];
    const reading = (async () => {
      for await (const { title } of own.read(catalogue)) if (titles.push(title) === 1) started[0]!.kill("SIGKILL");
    })();
    await expect(reading).rejects.toMatchObject({
      name: "ReadingBrokeOff",
      message: `${catalogue}: the process that reads files was ended by SIGKILL`,
    });
    expect(titles.length).toBeLessThan(250);
    expect(await all(catalogue, own)).toHaveLength(250);
    stop();
    own.close();
  });

  test("until it is no longer needed", async () => {
    const own = startBookReader();
    const stop = new AbortController();
    const novel = await folder.write("雨.txt", "《雨》\n\n第一章\n　　正文。");
    const reading = own.read(novel, {}, stop.signal).next();
    stop.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    own.close();
  });

  test("within its memory", async () => {
    const small = startBookReader({ heapMiB: 20 });
    const large = await folder.write(
      "large.txt",
      Array.from({ length: 300_000 }, (_, no) => `　　第${no}句话。`).join("\n"),
    );
    await expect(all(large, small)).rejects.toMatchObject({
      name: "UnusableBookFile",
      message: expect.stringContaining("large.txt: it needs more memory than a book may have"),
    });
    small.close();
    // The heap is not everything: buffers and inflated data are outside it.
    const watched = startBookReader({ memoryMiB: 60 });
    await expect(all(large, watched)).rejects.toThrow("it needs more memory than a book may have");
    watched.close();
  });
});
