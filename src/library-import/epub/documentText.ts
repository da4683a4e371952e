import { Parser } from "htmlparser2";
import { blocks, cleanCharacters, silent } from "../plainText.ts";

/** The text of a document of an EPUB: its paragraphs, one a line, and at which of them each anchor stands. */
export type DocumentText = {
  readonly lines: readonly string[];
  readonly anchors: ReadonlyMap<string, number>;
  /** The first heading (h1 to h3) of the document, if it has one. */
  readonly heading: string | undefined;
};

/** A line end between two Chinese characters, where no space is meant. */
const wrapped = /(?<=[\u3001-\u9FFF\uFF00-\uFFEF])[^\S\u3000]*\n[^\S\u3000]*(?=[\u3001-\u9FFF\uFF00-\uFFEF])/gu;

/** Takes the text out of XHTML: white space as a browser shows it, `<br/>` as a line end, no readings above characters. */
export function documentText(source: string): DocumentText {
  const lines: string[] = [];
  const anchors = new Map<string, number>();
  let line = "";
  let hidden = 0;
  let inHeading = false;
  let heading = "";
  const endLine = () => {
    const text = cleanCharacters(line)
      .replace(wrapped, "")
      .replace(/[^\S\u3000]+/gu, " ")
      .trim();
    if (text !== "") lines.push(text);
    line = "";
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (blocks.has(name)) endLine();
        const id = attributes.id ?? (name === "a" ? attributes.name : undefined);
        if (id !== undefined && !anchors.has(id)) anchors.set(id, lines.length);
        if (silent.has(name)) hidden += 1;
        if (/^h[123]$/.test(name) && heading === "") inHeading = true;
      },
      ontext(text) {
        if (hidden > 0) return;
        line += text;
        if (inHeading) heading += text;
      },
      onclosetag(name) {
        if (silent.has(name)) hidden -= 1;
        if (blocks.has(name)) endLine();
        if (/^h[123]$/.test(name)) inHeading = false;
      },
    },
    { decodeEntities: true, recognizeSelfClosing: true },
  );
  parser.end(source);
  endLine();
  const named = heading.replace(/\s+/gu, " ").trim();
  return { lines, anchors, heading: named === "" ? undefined : named };
}
