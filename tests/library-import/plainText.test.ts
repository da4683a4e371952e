import { expect, test } from "vitest";
import { countedPlainText, plainLine, plainParagraphs, plainText } from "../../src/library-import/plainText.ts";

test.each([
  ["甲<script>乙\n丙丁。", "甲<script>乙\n丙丁。"],
  ["甲<!-- 乙\n丙。", "甲<!-- 乙\n丙。"],
  ["甲<head>乙\n丙。", "甲<head>乙\n丙。"],
  ["甲<rt>乙\n丙。", "甲<rt>乙\n丙。"],
  ["他说List<String>好", "他说List<String>好"],
  ["A<b && c>d 丙", "A<b && c>d 丙"],
  ["<HP 100/100>，3<5", "<HP 100/100>，3<5"],
  [
    "她写下 <script>，这一行里没有一个字是她自己的。</script>，完。",
    "她写下 <script>，这一行里没有一个字是她自己的。</script>，完。",
  ],
  ["甲<style>乙<style>p {}</style>丙", "甲<style>乙丙"],
])("what is no mark-up of %j is text", (source, text) => {
  expect(countedPlainText(source)).toEqual({ text, hidden: 0 });
});

test.each([
  ["甲<script>alert('x')</script>乙", "甲乙"],
  ['甲<svg><svg/><path d="M0"/></svg>乙<!-- ad -->丙', "甲乙丙"],
  ["<ruby>漢<rp>(</rp><rt>かん<rp>)</rp></ruby>字<ruby>漢<rt>かん</ruby>", "漢字漢"],
  ["<p class=\"a\" style='x'>甲<img src=a.png>乙<br/>丙&lt;b&gt;<o:p></o:p></p>", "\n甲乙\n丙<b>\n\n\n"],
  ["<![CDATA[甲<b>&amp;]]>乙", "甲<b>&amp;乙"],
])("the tags of %j are taken out, and contents that are none of its text", (source, text) => {
  expect(plainText(source)).toBe(text);
});

test("letters that go with the contents of an element are counted", () => {
  const script = "document.write('请记住本站')";
  expect(countedPlainText(`甲<script>${script}</script>乙`)).toEqual({ text: "甲乙", hidden: 5 });
  expect(countedPlainText("<head><title>灯</title></head>甲")).toEqual({ text: "甲", hidden: 1 });
});

test("titles and introductions keep what is no tag", () => {
  expect(plainLine("List<String><b>传</b>", 100)).toBe("List<String>传");
  expect(plainParagraphs("一<script>。\n二。", 100)).toBe("一<script>。\n二。");
});
