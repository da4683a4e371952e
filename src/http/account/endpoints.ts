import { z } from "zod";
import { AccountGone } from "../../auth/accountGone.ts";
import { type ChangeProfileDeps, changeProfile } from "../../auth/profile/changeProfile.ts";
import { readerId } from "../../domain/ids.ts";
import { reader } from "../../queries/account/reader.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const me = z.strictObject({
  id: readerId,
  roles: z.array(z.string()),
  registeredAt: z.iso.datetime(),
  profile: z
    .strictObject({
      nickname: z.string(),
      avatarUrl: z.url().nullable(),
      gender: z.enum(["male", "female"]).nullable(),
      updatedAt: z.iso.datetime(),
    })
    .nullable()
    .meta({ description: "Null until the reader has sent one." }),
});

/** As wx.getUserProfile gives it; what is too long for a profile is none. */
const sealedProfile = z
  .strictObject({
    encryptedData: z.base64().min(1).max(16_384),
    iv: z.base64().length(24, "must be 16 bytes in base64"),
    rawData: z.string().max(16_384).optional(),
    signature: z
      .string()
      .regex(/^[0-9a-f]{40}$/, "must be a SHA-1 in lower-case hexadecimal")
      .optional(),
  })
  .refine(({ rawData, signature }) => (rawData === undefined) === (signature === undefined), {
    path: ["signature"],
    message: "rawData and signature come together",
  });

/** The endpoints of a reader's own account: who one is, and how one is shown. */
export function accountEndpoints(deps: ChangeProfileDeps): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/me",
      access: "reader",
      summary: "Who one is",
      response: me,
      problems: [],
      reads: [],
      async handle({ readerId }) {
        const found = await reader(deps.pool, readerId);
        if (found === undefined) throw new AccountGone();
        const { id, roles, registeredAt, profile } = found;
        return {
          id,
          roles: [...roles],
          registeredAt: registeredAt.toISOString(),
          profile: profile && { ...profile, updatedAt: profile.updatedAt.toISOString() },
        };
      },
    }),

    commandEndpoint({
      method: "put",
      path: "/v1/me/profile",
      summary: "Take over the profile that wx.getUserProfile gave",
      body: sealedProfile,
      problems: [
        "session_key_missing",
        "profile_undecryptable",
        "profile_signature_invalid",
        "profile_of_another_app",
        "profile_nickname_blank",
      ],
      handle: ({ readerId, body }, context) => changeProfile(deps, { readerId, sealed: body }, context),
    }),
  ];
}
