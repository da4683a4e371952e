import { elementsNamed, type XmlElement } from "./xml.ts";

/** The metadata of a book from its package document. */
export type Metadata = {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly description: string | undefined;
  readonly language: string | undefined;
  readonly subject: string | undefined;
};

/** Reads Dublin Core; creators whose role is not author are ignored. */
export function metadataOf(opf: XmlElement): Metadata {
  const metadata = elementsNamed(opf, "metadata")[0] ?? opf;
  const first = (name: string) =>
    elementsNamed(metadata, name)
      .map(({ text }) => text.trim())
      .find((text) => text !== "");
  const creators = elementsNamed(metadata, "creator");
  const authors = creators.filter(({ attributes }) => (attributes.role ?? "aut") === "aut");
  const named = (authors.length > 0 ? authors : creators).map(({ text }) => text.trim()).filter((text) => text !== "");
  return {
    title: first("title"),
    author: named.length === 0 ? undefined : named.join("、"),
    description: first("description"),
    language: first("language"),
    subject: first("subject"),
  };
}
