import { type Account, accountOf, listed, textLength } from "../account.ts";
import { lineKind } from "./lineKinds.ts";
import type { TextLines } from "./lines.ts";
import type { Part } from "./parts.ts";

/** Of a text no more than this share is advertisements: what is more was text that was taken for them. */
const maxBanners = 0.02;
/** Of short files, so many UTF-16 units may be advertisements. */
const fewBanners = 1_000;

type Read = {
  readonly text: string;
  readonly lines: TextLines;
  readonly kinds: Readonly<Uint8Array>;
  readonly rule: string;
  /** Lines before the first heading that were read as fields or as a list of titles. */
  readonly front: readonly string[];
  readonly parts: readonly Part[];
  /** UTF-16 units of a licence that was left out; `text` is without it. */
  readonly licence: number;
};

/**
 * Compares what a TXT has with what its chapters have. Headings, tables of contents, fields and advertisements are taken off
 * what was read, but more advertisements than a text has; the places of these are listed.
 */
export function accountOfTxt({ text, lines, kinds, rule, front, parts, licence }: Read): Account {
  let banners = 0;
  let aside = front.reduce((sum, line) => sum + textLength(line), 0);
  const places: string[] = [];
  const notePlace = (line: number) => {
    if (places.length < 6) places.push(`line ${line + 1}, ${lines.trimmed[line]!.slice(0, 20)}`);
  };
  kinds.forEach((kindOfLine, line) => {
    if (kindOfLine === lineKind.text) return;
    const length = textLength(lines.trimmed[line]!);
    // A sentence is no entry of a table of contents: where one is taken for it, that is to be seen.
    const isSentence = kindOfLine === lineKind.listed && /[。！？”]$/u.test(lines.trimmed[line]!);
    if (isSentence) notePlace(line);
    else if (kindOfLine !== lineKind.banner) aside += length;
    else {
      banners += length;
      notePlace(line);
    }
  });
  const all = textLength(text);
  const read = all - aside - Math.min(banners, Math.max(fewBanners, maxBanners * all));
  const kept = parts.reduce((sum, { text }) => sum + textLength(text), 0);
  const licensed = licence === 0 ? [] : [`the licence of Project Gutenberg was left out, ${licence} characters`];
  return accountOf({ read, kept, rule }, [...licensed, ...warningsOf(parts)], places);
}

/** Entries that a person should look at. */
function warningsOf(parts: readonly Part[]): readonly string[] {
  const empty = parts.filter(({ text }) => text === "");
  const seen = new Set<string>();
  const twice = parts.filter(({ text, title }) => {
    const key = `${title}\n${text}`;
    const isTwice = text !== "" && seen.has(key);
    seen.add(key);
    return isTwice;
  });
  return [...someOf("without text", empty), ...someOf("twice", twice)];
}

function someOf(what: string, parts: readonly Part[]): readonly string[] {
  if (parts.length === 0) return [];
  return [`${parts.length} chapters are ${what}: ${listed(parts.map(({ title }) => title))}`];
}
