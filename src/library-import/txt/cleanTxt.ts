import { cleanCharacters } from "../plainText.ts";

/** Tags that tools leave behind when they make a TXT of web pages. Everything else in <…> is text. */
const tag = /<\/?(?:p|br|div|span|font|b|i|u|strong|em|center|a|img|hr|h[1-6])(?:\s[^<>\n]{0,300})?\/?>/giu;
const lineTag = /^<\/?(?:p|br|div|center|hr|h[1-6])\b/iu;
/** So many of them, and one in so many characters, are no mention in a text but its form. */
const habit = { times: 20, oneIn: 3_000 };

const entity =
  /&(?:(nbsp|lt|gt|amp|quot|apos|ldquo|rdquo|lsquo|rsquo|hellip|mdash|middot|emsp|ensp)|#(\d{2,6})|#x([\da-f]{2,5}));/giu;
const entities: Readonly<Record<string, string>> = {
  ...{ nbsp: " ", lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", ldquo: "“", rdquo: "”", lsquo: "‘", rsquo: "’" },
  ...{ hellip: "…", mdash: "—", middot: "·", emsp: "\u3000", ensp: " " },
};

/**
 * The text of a TXT file with LF ends, without controls and invisible characters. A TXT is text: `<HP 100>` and `<!--` stay.
 * Only where a file is full of the tags of web pages are they taken out, each by itself and never what is between.
 */
export function cleanTxt(source: string): string {
  const text = cleanCharacters(source);
  const untagged =
    text.includes("<") && isTagged(text) ? text.replace(tag, (found) => (lineTag.test(found) ? "\n" : "")) : text;
  return untagged.includes("&") ? untagged.replace(entity, decoded) : untagged;
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
