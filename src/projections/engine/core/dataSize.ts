const sizes = new WeakMap<object, number>();

/** UTF-16 units of an event's data as JSON; counted once, however many builds the event is delivered to. */
export function dataSize(event: { readonly data: unknown }): number {
  const known = sizes.get(event);
  if (known !== undefined) return known;
  const size = JSON.stringify(event.data)?.length ?? 0;
  sizes.set(event, size);
  return size;
}
