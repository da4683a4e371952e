import { textLength } from "../account.ts";
import { blocks, readVisibleText } from "../markup.ts";
import { cleanCharacters } from "../plainText.ts";

/** The text of an EPUB document: its paragraphs, one per line, and the line of each anchor. */
export type DocumentText = {
  readonly lines: readonly string[];
  readonly anchors: ReadonlyMap<string, number>;
  /** The first heading (h1 to h6) of the document, if any, and its line. */
  readonly heading: string | undefined;
  readonly headingLine: number | undefined;
  /** The path of its first picture, as written in the document. */
  readonly picture: string | undefined;
  /** Text hidden by unclosed elements, in the units of `textLength`. */
  readonly lost: number;
};

/** Extracts the text of XHTML: white space as in a browser, `<br/>` as a line break, no ruby annotations. */
export function documentText(source: string): DocumentText {
  const shown = new Set<string>();
  for (;;) {
    const { text, hidden } = readDocument(source, shown);
    if (hidden === undefined || hidden.length === 0) return text;
    // Scripts and styles are raw text up to their end tag: what follows an unclosed one cannot be parsed.
    if (/^(?:script|style)$/.test(hidden.hiddenBy)) return { ...text, lost: hidden.length };
    shown.add(hidden.hiddenBy);
  }
}

function readDocument(source: string, shown: ReadonlySet<string>) {
  const lines: string[] = [];
  const anchors = new Map<string, number>();
  let parts: string[] = [];
  let inHeading = false;
  let heading: string[] | undefined;
  let headingLine: number | undefined;
  let picture: string | undefined;
  const endLine = () => {
    if (parts.length === 0) return;
    const text = collapsed(cleanCharacters(parts.join("")));
    if (text !== "") lines.push(text);
    parts = [];
  };
  const hidden = readVisibleText(
    source,
    {
      onOpen(name, attributes, closed) {
        if (blocks.has(name)) endLine();
        const id = attributes.id ?? (name === "a" ? attributes.name : undefined);
        if (id !== undefined && !anchors.has(id)) anchors.set(id, lines.length);
        if (name === "img" || name === "image") picture ??= attributes.src ?? attributes.href;
        if (!closed && /^h[1-6]$/.test(name) && heading === undefined) {
          inHeading = true;
          heading = [];
          headingLine = lines.length;
        }
      },
      onText(text) {
        parts.push(text);
        if (inHeading) heading!.push(text);
      },
      onClose(name) {
        if (blocks.has(name)) endLine();
        if (!/^h[1-6]$/.test(name)) return;
        inHeading = false;
        if (collapsed(heading?.join("") ?? "") === "") heading = undefined;
      },
    },
    shown,
  );
  endLine();
  const named = collapsed(heading?.join("") ?? "");
  const text: DocumentText = {
    ...{ lines, anchors, picture, lost: 0 },
    heading: named === "" ? undefined : named,
    headingLine: named === "" ? undefined : headingLine,
  };
  return { text, hidden };
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
