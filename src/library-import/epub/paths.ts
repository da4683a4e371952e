import type { Zip } from "./zip.ts";

/**
 * The path in the ZIP of `href` (without its fragment) in the file at `base`; undefined if it is on another site or has no
 * path. A path above the root is resolved from the root.
 */
export function resolvePath(base: string, href: string): string | undefined {
  return resolved(base, decoded(href.replace(/[#?].*$/su, "")));
}

/** The name in the ZIP of the file that `href` means; undefined if there is none. A name in the ZIP may be percent-encoded itself. */
export function locate(zip: Pick<Zip, "find">, base: string, href: string): string | undefined {
  const path = resolvePath(base, href);
  if (path === undefined) return undefined;
  const written = resolved(base, href.replace(/[#?].*$/su, ""));
  return zip.find(path, "exact") ?? (written === undefined ? undefined : zip.find(written, "exact")) ?? zip.find(path);
}

function resolved(base: string, written: string): string | undefined {
  const path = written.replaceAll("\\", "/");
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
