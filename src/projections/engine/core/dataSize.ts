const sizes = new WeakMap<object, number>();

/** The length of an event's data as JSON in UTF-16 units; computed once, however many builds receive the event and copy it. */
export function dataSize({ data }: { readonly data: unknown }): number {
  if (typeof data !== "object" || data === null) return JSON.stringify(data)?.length ?? 0;
  const known = sizes.get(data);
  if (known !== undefined) return known;
  const size = JSON.stringify(data).length;
  sizes.set(data, size);
  return size;
}
