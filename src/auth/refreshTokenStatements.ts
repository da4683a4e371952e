export const addFamily = {
  name: "add-refresh-family",
  text: `WITH family AS (
           INSERT INTO refresh_families (family_id, reader_id, created_at, expires_at, used_at, user_agent, token_prefix)
           SELECT $1, reader_id, now(), now() + make_interval(days => $3), now(), $5, $6
           FROM accounts WHERE reader_id = $2 AND erased_at IS NULL FOR SHARE
           RETURNING family_id, expires_at)
         INSERT INTO refresh_tokens (token_hash, family_id, expires_at, has_prefix)
         SELECT $4, family_id, expires_at, true FROM family`,
};

/** The family of a token by its hash, or, if its row was deleted, by its prefix. */
export const findFamily = {
  name: "find-refresh-family",
  text: `SELECT coalesce(
           (SELECT family_id FROM refresh_tokens WHERE token_hash = $1),
           (SELECT family_id FROM refresh_families WHERE token_prefix = $2)) AS family_id`,
};

export const lockFamily = {
  name: "lock-refresh-family",
  text: `SELECT token_prefix, revoked_at IS NOT NULL AS revoked, erased_at IS NOT NULL AS erased, reader_id, roles
         FROM refresh_families JOIN accounts USING (reader_id)
         WHERE family_id = $1
         FOR UPDATE OF refresh_families`,
};

export const findToken = {
  name: "find-refresh-token",
  text: `SELECT expires_at <= now() AS expired, superseded_at IS NULL AS current,
                coalesce(superseded_at <= now() - make_interval(secs => $2), false) AS reused
         FROM refresh_tokens WHERE token_hash = $1`,
};

/** Ends the current generation, unless the used token is of an older one. */
export const supersede = {
  name: "supersede-refresh-tokens",
  text: `UPDATE refresh_tokens SET superseded_at = now()
         WHERE family_id = $1 AND superseded_at IS NULL AND expires_at > now() AND $2`,
};

/** Deletes up to $4 expired tokens, and as many whose grace period is over and that are not among the newest $3 of them. */
export const deleteOld = {
  name: "delete-old-refresh-tokens",
  text: `DELETE FROM refresh_tokens WHERE token_hash IN (
           (SELECT token_hash FROM refresh_tokens WHERE family_id = $1 AND expires_at <= now() LIMIT $4)
           UNION ALL
           (SELECT token_hash FROM refresh_tokens
            WHERE family_id = $1 AND has_prefix AND superseded_at <= now() - make_interval(secs => $2)
            ORDER BY superseded_at DESC OFFSET $3 LIMIT $4))`,
};

export const addToken = {
  name: "add-refresh-token",
  text: `WITH family AS (
           UPDATE refresh_families
           SET expires_at = now() + make_interval(days => $2), used_at = now(), user_agent = coalesce($4, user_agent)
           WHERE family_id = $1 RETURNING family_id, expires_at)
         INSERT INTO refresh_tokens (token_hash, family_id, expires_at, has_prefix)
         SELECT $3, family_id, expires_at, true FROM family`,
};

export const revokeFamily = {
  name: "revoke-refresh-family",
  text: "UPDATE refresh_families SET revoked_at = now() WHERE revoked_at IS NULL AND family_id = $1",
};

export const clearAway = {
  name: "clear-refresh-families",
  text: `DELETE FROM refresh_families WHERE family_id IN (
           SELECT family_id FROM refresh_families WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
};
