/** The state of an offline client: the received data, and the token for later changes. */
export type Synced = { readonly token: string | null; readonly things: ReadonlyMap<string, string> };

export type ChangesPage = {
  readonly items: readonly { readonly kind: string; readonly key: string; readonly value: unknown }[];
  readonly token: string;
  readonly more: boolean;
};

export const nothingSynced = (): Synced => ({ token: null, things: new Map() });

/** The client after it has applied an answer of GET /v1/changes. */
export function applied({ things }: Synced, { items, token }: ChangesPage): Synced {
  const after = new Map(things);
  for (const { kind, key, value } of items) {
    const name = `${kind} ${key}`;
    if (value === null) after.delete(name);
    else after.set(name, JSON.stringify(value));
  }
  return { token, things: after };
}
