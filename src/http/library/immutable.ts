/** Headers for what is named by its hash: it never changes, so that nobody need ask again for a year, the most that caches heed. */
export function immutable(sha256: string): Readonly<Record<string, string>> {
  return { "Cache-Control": "public, max-age=31536000, immutable", ETag: `"${sha256}"` };
}
