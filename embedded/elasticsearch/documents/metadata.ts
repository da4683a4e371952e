/** What the real one keeps of each document beside its fields: none of it may be in the document. */
export const metadata: ReadonlySet<string> = new Set(
  "_field_names _id _ignored _index _nested_path _routing _seq_no _source _tier _version".split(" "),
);
