import { Parser } from "htmlparser2";
import { UnusableBookFile } from "../parsedBook.ts";
import { withEntities } from "./entities.ts";

/** An XML element: its local name in lower case, attributes by local name, children, and text. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text inside it, including that of descendants. */
  readonly text: string;
};

type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string };

/** The maximum depth and number of elements of a package document or table of contents. */
const maxDepth = 64;
const maxElements = 200_000;

/** Parses a small XML document. Throws UnusableBookFile, also for entities that could expand without bound. */
export function parseXml(written: string, name: string): XmlElement {
  const source = withEntities(written, name);
  const stack: Open[] = [{ name: "", attributes: {}, children: [], text: "" }];
  let elements = 0;
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        elements += 1;
        if (stack.length > maxDepth || elements > maxElements)
          throw new UnusableBookFile(`${name} in it is too deep or too long`);
        stack.push({ name: localName(tag), attributes: localAttributes(attributes), children: [], text: "" });
      },
      ontext(text) {
        stack.at(-1)!.text += text;
      },
      onclosetag() {
        const closed = stack.pop()!;
        stack.at(-1)!.children.push(closed);
        stack.at(-1)!.text += closed.text;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(source);
  return stack[0]!;
}

/** All descendants with a name, in document order. */
export function elementsNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsNamed(child, name)]);
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1).toLowerCase();
}

function localAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [localName(name), value]));
}
