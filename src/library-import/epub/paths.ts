/**
 * The path in the ZIP that `href`, without its fragment, means in the file at `base`; undefined if it leads elsewhere: to
 * another site, or nowhere. A path that climbs out of the book is taken from its root.
 */
export function resolvePath(base: string, href: string): string | undefined {
  const path = decoded(href.replace(/[#?].*$/su, "")).replaceAll("\\", "/");
  if (path === "") return base;
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/iu.test(path)) return undefined;
  const parts = path.startsWith("/") ? [] : base.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

/** Percent-encoding undone, where it is sound. */
export function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}
