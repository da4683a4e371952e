/** What two keywords have in common that are searched alike: they count as one. Empty if nothing of a keyword is searched for. */
export function keywordKey(keyword: string): string {
  return keyword.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
