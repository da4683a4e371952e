const placeholder =
  /^[[（(<]?(?:unknown|unknown author|untitled|no title|未知|未知作者|未命名|佚名|无名氏|无|无题|作者|author|calibre|admin|administrator|user|epub ?builder|n\/a|none|null|\?+)[\]）)>]?$/iu;

/** Returns whether sites and tools write this name for a title or an author that they do not know. */
export function isPlaceholder(name: string): boolean {
  return placeholder.test(name);
}
