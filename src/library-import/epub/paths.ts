/**
 * The path in the ZIP of `href` (without its fragment) in the file at `base`; undefined if it is on another site or has no
 * path. A path above the root is resolved from the root.
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

/** Decodes percent-encoding, where it is valid. */
export function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}
