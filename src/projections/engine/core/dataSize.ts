const sizes = new WeakMap<object, number>();

/** The length of an event's data as JSON in UTF-16 units; computed once, however many builds receive the event. */
export function dataSize(event: { readonly data: unknown }): number {
  const known = sizes.get(event);
  if (known !== undefined) return known;
  const size = JSON.stringify(event.data)?.length ?? 0;
  sizes.set(event, size);
  return size;
}
