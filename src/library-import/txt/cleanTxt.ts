import { cleanCharacters } from "../plainText.ts";

/** Tags that tools leave behind when they make a TXT of web pages. Everything else in <…> is text. */
const tag =
  /<\/?(?:p|br|div|span|font|b|i|u|strong|em|center|a|img|hr|h[1-6]|html|head|title|body|meta|link|table|tbody|tr|td|ul|ol|li|pre|blockquote)(?:\s[^<>\n]{0,300})?\/?>|<!doctype html[^<>\n]{0,200}>/giu;
const lineTag = /^<(?:\/?(?:p|br|div|center|hr|h[1-6]|html|head|title|body|table|tr|ul|ol|li|pre|blockquote)\b|!)/iu;
/** Thresholds (count, density) above which these marks are formatting, not content. */
const habit = { times: 20, oneIn: 3_000 };

const entity =
  /&(?:(nbsp|lt|gt|amp|quot|apos|ldquo|rdquo|lsquo|rsquo|hellip|mdash|middot|emsp|ensp)|#(\d{2,6})|#x([\da-f]{2,5}));/giu;
const entities: Readonly<Record<string, string>> = {
  nbsp: " ",
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
  ldquo: "“",
  rdquo: "”",
  lsquo: "‘",
  rsquo: "’",
  hellip: "…",
  mdash: "—",
  middot: "·",
  emsp: "\u3000",
  ensp: " ",
};

/**
 * The text of a TXT file with LF ends, without controls and invisible characters. A TXT is text: `<HP 100>` and `<!--` stay. Tags
 * are removed only if a file is full of the tags of web pages, each tag separately and never the text between them.
 */
export function cleanTxt(source: string): string {
  const text = cleanCharacters(source);
  const untagged =
    text.includes("<") && isTagged(text) ? text.replace(tag, (found) => (lineTag.test(found) ? "\n" : "")) : text;
  return withParagraphs(untagged.includes("&") ? untagged.replace(entity, decoded) : untagged);
}

/** An indent within a line. */
const innerIndent = /(?<=[^\s\u3000])\u3000\u3000+(?=[^\s\u3000])/gu;
/** This many indents within lines, and this many for each line, separate the paragraphs of a file that lost its line ends. */
const lostEnds = { indents: 20, perLine: 2 };

/** Each paragraph on a line of its own, where only their indents are left: also a heading is on one line with its text then. */
function withParagraphs(text: string): string {
  let indents = 0;
  for (let at = text.indexOf("\u3000\u3000"); at >= 0; at = text.indexOf("\u3000\u3000", at + 2))
    if (at > 0 && !/\s/u.test(text[at - 1]!)) indents += 1;
  if (indents < lostEnds.indents) return text;
  let filled = 0;
  for (const line of text.split("\n")) if (line.trim() !== "") filled += 1;
  return indents < lostEnds.perLine * filled ? text : text.replace(innerIndent, "\n　　");
}

function isTagged(text: string): boolean {
  let times = 0;
  for (const _ of text.matchAll(tag)) times += 1;
  return times >= habit.times && times * habit.oneIn >= text.length;
}

function decoded(whole: string, name?: string, decimal?: string, hexadecimal?: string): string {
  if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number(decimal);
  return code < 0x20 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? whole : String.fromCodePoint(code);
}
