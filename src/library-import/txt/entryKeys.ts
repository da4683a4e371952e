/** A number for each text by which entries of tables of contents are found again: equal texts have the same. */
export type Key = number;

/** The texts of an entry that are compared. */
export type EntryTexts = {
  /** Volume and text of the heading. */
  readonly exact: string;
  /** The same of each heading on the line. */
  readonly items: readonly string[];
  /** Volume, number and unit. */
  readonly numbered: string;
  /** The text without its volume, if it is more than a number. */
  readonly titled: string | undefined;
};

export type EntryKeys = {
  readonly exact: Key;
  readonly numbered: Key;
  readonly titled: Key | undefined;
  /** The keys by which the entry may be found again, none twice. */
  readonly all: readonly Key[];
};

/** Numbers texts from 0, so that 70,000 entries are counted in arrays: by maps of texts it takes three times as long. */
export class Keys {
  readonly #known = new Map<string, Key>();

  get size(): number {
    return this.#known.size;
  }

  ofEntry({ exact, items, numbered, titled }: EntryTexts): EntryKeys {
    const keys = {
      exact: this.#of(exact),
      numbered: this.#of(numbered),
      titled: titled === undefined ? undefined : this.#of(titled),
    };
    // A line of several headings is found again by these.
    const all =
      items.length === 1 && items[0] === exact ? [keys.exact] : [...new Set(items.map((item) => this.#of(item)))];
    const add = (key: Key) => {
      if (!all.includes(key)) all.push(key);
    };
    if (numbered !== exact) add(keys.numbered);
    if (keys.titled !== undefined) add(keys.titled);
    return { exact: keys.exact, numbered: keys.numbered, titled: keys.titled, all };
  }

  #of(text: string): Key {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const key = this.#known.size;
    this.#known.set(text, key);
    return key;
  }
}
