import { z } from "zod";
import { type CourseLoginDependencies, courseLogin } from "../../auth/courseLogin.ts";
import type { SealedProfile } from "../../auth/profile/openProfile.ts";
import type { Pool } from "../../platform/postgres.ts";
import { reader } from "../../queries/account/reader.ts";
import { preferencesOf, settingsOf } from "../../queries/preferences/chosen.ts";
import { sealedProfile } from "../account/sealedProfile.ts";
import type { Endpoint } from "../endpoint.ts";
import { courseContext, type courseRoutes } from "./courseEndpoint.ts";
import { messageAnswer } from "./fields.ts";

const sent = z.string().nullish();

const body = z.object({ code: sent, iv: sent, envryptedData: sent, encryptedData: sent });

const loggedIn = z.strictObject({
  token: z.string(),
  user_info: z.strictObject({
    uid: z.string(),
    gender: z.literal([0, 1]).nullable(),
    avatarUrl: z.string().nullable(),
  }),
  config: z.strictObject({
    preference: z.literal([1, 2, 3]).nullable(),
    brightness: z.int(),
    fontSize: z.int(),
    background: z.string(),
    turn: z.string(),
  }),
});

/** The course's numbers for genders and channels. */
const genders = { female: 0, male: 1 } as const;
const channels = { male: 1, female: 2, published: 3 } as const;

/** The login routes of the course's front ends. */
export function loginRoutes(
  route: ReturnType<typeof courseRoutes>,
  deps: CourseLoginDependencies,
): readonly Endpoint[] {
  return (["/users/login", "/user/login"] as const).flatMap((path) =>
    route({
      method: "post",
      path,
      who: "anybody",
      limit: "login",
      reads: ["preferences"],
      body,
      response: z.union([loggedIn, messageAnswer]),
      async handle({ body, incoming }) {
        const { code } = body;
        const sealed = sealedOf(body);
        if (!code || code.length > 256 || sealed === "malformed") return { status: 403, body: { msg: "参数错误" } };
        const { token, readerId } = await courseLogin(deps, { code, sealed }, courseContext(incoming, {}));
        const { pool } = deps;
        const profile = (await reader(pool, readerId))?.profile;
        const gender = profile?.gender == null ? null : genders[profile.gender];
        return {
          headers: { "Cache-Control": "no-store" },
          body: {
            token,
            user_info: { uid: readerId, gender, avatarUrl: profile?.avatarUrl ?? null },
            config: await configOf(pool, readerId),
          },
        };
      },
    }),
  );
}

async function configOf(pool: Pool, readerId: string): Promise<z.input<typeof loggedIn>["config"]> {
  const [{ channel }, settings] = await Promise.all([preferencesOf(pool, readerId), settingsOf(pool, readerId)]);
  const { brightness, fontSize, background, pageTurn } = settings;
  return { preference: channel && channels[channel], brightness, fontSize, background, turn: pageTurn };
}

/** The encrypted profile, under the contract's misspelt field name or the correct one. */
function sealedOf({
  iv,
  envryptedData,
  encryptedData,
}: z.output<typeof body>): SealedProfile | undefined | "malformed" {
  const data = envryptedData || encryptedData || undefined;
  if (data === undefined && !iv) return undefined;
  const parsed = sealedProfile.safeParse({ encryptedData: data, iv });
  return parsed.success ? parsed.data : "malformed";
}
