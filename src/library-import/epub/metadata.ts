import { elementsNamed, type XmlElement } from "./xml.ts";

/** The metadata of a book from its package document. */
export type Metadata = {
  readonly title: string | undefined;
  /** Each author as it is written, none twice. */
  readonly authors: readonly string[];
  readonly description: string | undefined;
  readonly language: string | undefined;
  readonly subject: string | undefined;
};

/** Reads Dublin Core; creators whose role is not author are ignored, and of several titles the main one is taken. */
export function metadataOf(opf: XmlElement): Metadata {
  const metadata = elementsNamed(opf, "metadata")[0] ?? opf;
  const refined = refinements(metadata);
  const first = (name: string) => textsOf(elementsNamed(metadata, name))[0];
  const titles = elementsNamed(metadata, "title");
  const typeOf = ({ attributes }: XmlElement) => refined.get(`${attributes.id} title-type`);
  const main = titles.find((title) => typeOf(title) === "main") ?? titles.find((title) => typeOf(title) === undefined);
  const creators = elementsNamed(metadata, "creator");
  const roleOf = ({ attributes }: XmlElement) => attributes.role ?? refined.get(`${attributes.id} role`) ?? "aut";
  const authors = creators.filter((creator) => roleOf(creator).toLowerCase() === "aut");
  return {
    title: textsOf(main === undefined ? [] : [main])[0] ?? first("title"),
    authors: [...new Set(textsOf(authors.length > 0 ? authors : creators))],
    description: first("description"),
    language: first("language"),
    subject: first("subject"),
  };
}

function textsOf(elements: readonly XmlElement[]): readonly string[] {
  return elements.map(({ text }) => text.trim()).filter((text) => text !== "");
}

/** Returns the refinements of EPUB 3 elements, by `ID PROPERTY`. */
function refinements(metadata: XmlElement): ReadonlyMap<string, string> {
  return new Map(
    elementsNamed(metadata, "meta").flatMap(({ attributes: { refines, property }, text }) =>
      refines === undefined || property === undefined
        ? []
        : [[`${refines.replace(/^#/u, "")} ${property}`, text.trim()]],
    ),
  );
}
