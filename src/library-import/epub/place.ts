/** An entry of the table of contents, or the heading of a document without an entry, with its place in the text. */
export type Placed = {
  /** The line in the whole book's text. */
  readonly line: number;
  readonly title: string;
  readonly volumes: readonly string[];
  readonly isVolume: boolean;
  /** It may have no text but a title or a list: cover, title page, table of contents. */
  readonly isPage: boolean;
};

/** The data besides the documents by which entries are placed. */
export type Around = {
  readonly bookTitle: string;
  /** Lines that are no heading of their document, in their compared form. */
  readonly heads: ReadonlySet<string>;
};
