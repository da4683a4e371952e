import { textLength } from "../account.ts";
import { type Attributes, blocks, readVisibleText } from "../markup.ts";
import { cleanCharacters } from "../plainText.ts";

/** A heading of the mark-up (h1 to h6): its lines are those from `line` up to, without it, `end`. */
export type MarkedHeading = { readonly text: string; readonly line: number; readonly end: number };

/** The text of an EPUB document: its paragraphs, one per line, and the line of each anchor. */
export type DocumentText = {
  readonly lines: readonly string[];
  readonly anchors: ReadonlyMap<string, number>;
  /** In order. One without text of its own has the alternative text of its picture, and no lines. */
  readonly headings: readonly MarkedHeading[];
  /** Lines that are mostly links to other places of the book. */
  readonly linked: ReadonlySet<number>;
  /** The text of its `title` element. */
  readonly name: string;
  /** The path of its first picture, as written in the document. */
  readonly picture: string | undefined;
  /** Text hidden by unclosed elements, in the units of `textLength`. */
  readonly lost: number;
};

/** A document of the spine: its path in the ZIP, and its text. */
export type SpineText = DocumentText & { readonly path: string };

/** A line is mostly links from this share of its text on. */
const mostlyLinks = 0.6;

const titleElement = /<(?:\w+:)?title[^>]{0,100}>([^<]{1,300})</iu;

/** Extracts the text of XHTML: white space as in a browser, `<br/>` as a line break, no ruby annotations. */
export function documentText(source: string): DocumentText {
  const shown = new Set<string>();
  for (;;) {
    const reader = new Reader();
    const hidden = readVisibleText(source, reader, shown);
    const text = reader.text(titleElement.exec(source.slice(0, 10_000))?.[1] ?? "");
    if (hidden === undefined || hidden.length === 0) return text;
    // Scripts and styles are raw text up to their end tag: what follows an unclosed one cannot be parsed.
    if (/^(?:script|style)$/.test(hidden.hiddenBy)) return { ...text, lost: hidden.length };
    shown.add(hidden.hiddenBy);
  }
}

class Reader {
  readonly #lines: string[] = [];
  readonly #anchors = new Map<string, number>();
  readonly #headings: MarkedHeading[] = [];
  readonly #linked = new Set<number>();
  #parts: string[] = [];
  #heading: { readonly line: number; readonly parts: string[]; alt: string } | undefined;
  #picture: string | undefined;
  #inLink = false;
  #linkedLength = 0;
  #preformatted = 0;

  readonly onOpen = (name: string, attributes: Attributes, closed: boolean): void => {
    if (blocks.has(name)) this.#endLine();
    const id = attributes.id ?? (name === "a" ? attributes.name : undefined);
    if (id !== undefined && !this.#anchors.has(id)) this.#anchors.set(id, this.#lines.length);
    if (name === "img" || name === "image") this.#onPicture(attributes);
    if (closed) return;
    if (name === "a") this.#inLink = attributes.href !== undefined && !/^[a-z]+:/iu.test(attributes.href);
    if (name === "pre") this.#preformatted += 1;
    if (/^h[1-6]$/.test(name)) this.#heading = { line: this.#lines.length, parts: [], alt: "" };
  };

  readonly onText = (text: string): void => {
    this.#heading?.parts.push(text);
    if (this.#inLink) this.#linkedLength += text.trim().length;
    if (this.#preformatted === 0) this.#parts.push(text);
    else {
      const [first = "", ...others] = text.split(/\r\n?|\n/u);
      this.#parts.push(first);
      for (const other of others) {
        this.#endLine();
        this.#parts.push(other);
      }
    }
  };

  readonly onClose = (name: string): void => {
    if (blocks.has(name)) this.#endLine();
    if (name === "a") this.#inLink = false;
    if (name === "pre") this.#preformatted = Math.max(0, this.#preformatted - 1);
    if (!/^h[1-6]$/.test(name) || this.#heading === undefined) return;
    const { line, parts, alt } = this.#heading;
    const text = collapsed(parts.join("")) || collapsed(alt);
    if (text !== "") this.#headings.push({ text, line, end: this.#lines.length });
    this.#heading = undefined;
  };

  #onPicture(attributes: Attributes): void {
    this.#picture ??= attributes.src ?? attributes.href;
    const note = noteOf(attributes);
    if (note !== undefined) this.#parts.push(`〔${note}〕`);
    else if (this.#heading !== undefined) this.#heading.alt ||= attributes.alt ?? "";
  }

  #endLine(): void {
    if (this.#parts.length === 0) return;
    const text = collapsed(cleanCharacters(this.#parts.join("")));
    if (text !== "") {
      if (this.#linkedLength >= mostlyLinks * text.length) this.#linked.add(this.#lines.length);
      this.#lines.push(text);
    }
    this.#parts = [];
    this.#linkedLength = 0;
  }

  text(name: string): DocumentText {
    this.#endLine();
    return {
      lines: this.#lines,
      anchors: this.#anchors,
      headings: this.#headings,
      linked: this.#linked,
      name: collapsed(cleanCharacters(name)),
      picture: this.#picture,
      lost: 0,
    };
  }
}

/** Shops show notes in a window, with their text in an attribute of a small picture (zy-footnote, alt of a …-footnote). */
function noteOf(attributes: Attributes): string | undefined {
  const isNote = /footnote/iu.test(attributes.class ?? "");
  const note = collapsed(cleanCharacters(attributes["zy-footnote"] ?? (isNote ? attributes.alt : undefined) ?? ""));
  return note.length < 2 || /^(?:注释?|note|\W*\d+\W*)$/iu.test(note) ? undefined : note;
}

const white = /[^\S\u3000]+/gu;
const wide = /[\u3001-\u9FFF\uFF00-\uFFEF]/u;

/** Collapses white space to one space, and removes line breaks between two Chinese characters. */
function collapsed(text: string): string {
  return text
    .replace(white, (found, at: number) => {
      const isWrapped =
        found.includes("\n") && wide.test(text[at - 1] ?? "") && wide.test(text[at + found.length] ?? "");
      return isWrapped ? "" : " ";
    })
    .trim();
}

/** The amount of text of a document, including hidden text. */
export function lengthOf({ lines, lost }: DocumentText): number {
  return lines.reduce((sum, line) => sum + textLength(line), lost);
}
