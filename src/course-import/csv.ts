const quote = '"';

/**
 * The fields of a CSV record (RFC 4180); unquoted NULL or \N is null, as MySQL's tools write it. Throws an Error that describes
 * the syntax error.
 */
export function parseCsvRecord(record: string): readonly (string | null)[] {
  const fields: (string | null)[] = [];
  for (let at = 0; ; ) {
    if (record[at] === quote) {
      const end = closingQuote(record, at + 1);
      const after = record[end + 1];
      if (after !== undefined && after !== ",")
        throw new Error(`has text after the quotes of field ${fields.length + 1}`);
      fields.push(record.slice(at + 1, end).replaceAll('""', quote));
      at = end + 1;
    } else {
      const comma = record.indexOf(",", at);
      const field = record.slice(at, comma < 0 ? undefined : comma);
      fields.push(field === "NULL" || field === "\\N" ? null : field);
      at = comma < 0 ? record.length : comma;
    }
    if (at >= record.length) return fields;
    at += 1;
  }
}

/** The position of the quote that ends a field; two quotes in a row are one in its text. */
function closingQuote(record: string, from: number): number {
  for (let at = from; ; at += 2) {
    at = record.indexOf(quote, at);
    if (at < 0) throw new Error("has quotes that do not end");
    if (record[at + 1] !== quote) return at;
  }
}
