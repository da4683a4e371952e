/** Headers for content named by its hash: it never changes, so it may be cached for a year, the maximum that caches respect. */
export function immutable(sha256: string): Readonly<Record<string, string>> {
  return { "Cache-Control": "public, max-age=31536000, immutable", ETag: `"${sha256}"` };
}
