/** FNV-1a (32 bits, http://www.isthe.com/chongo/tech/comp/fnv/) over the UTF-16 units of a text, as an unsigned integer. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
