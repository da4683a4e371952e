/** Metadata that Elasticsearch keeps beside a document's fields: a document must not contain it. */
export const metadata: ReadonlySet<string> = new Set(
  "_field_names _id _ignored _index _nested_path _routing _seq_no _source _tier _version".split(" "),
);
