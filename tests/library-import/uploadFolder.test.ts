import { expect, test } from "vitest";
import { withoutFolder } from "../../src/library-import/uploads/uploadFolder.ts";

test.each([
  ["/tmp/heima-upload-host-1-abc/红楼梦.txt: it is empty", "红楼梦.txt: it is empty"],
  ["cannot read /tmp/heima-upload-host-1-abc/红 楼.txt", "cannot read 红 楼.txt"],
  ["/tmp/heima-upload-host-1-abc/heima-upload-x.epub: it is empty", "heima-upload-x.epub: it is empty"],
  ["book.epub: it is encrypted (OEBPS/a.html)", "book.epub: it is encrypted (OEBPS/a.html)"],
  ["heima-upload-", "heima-upload-"],
])("of %j a reader sees %j", (message, shown) => {
  expect(withoutFolder(message)).toBe(shown);
});

test("a name in a file, of 64 KiB, may be anything", () => {
  // In cubic time this would take hours.
  const name = "heima-upload-".repeat(5_000);
  expect(withoutFolder(`/tmp/heima-upload-host-1-abc/a.epub: ${name}`)).toBe(`a.epub: ${name}`);
});
