/**
 * The lane of a lane key: FNV-1a (32 bits, http://www.isthe.com/chongo/tech/comp/fnv/) over its UTF-16 units, mod `lanes`.
 * It must never change: rows and checkpoints of a build rely on it.
 */
export function laneOf(laneKey: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < laneKey.length; index++) {
    hash = Math.imul(hash ^ laneKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % lanes;
}
