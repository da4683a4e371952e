import { type ChangeProfileDependencies, changeProfile } from "../../auth/profile/changeProfile.ts";
import { accountStream } from "../../domain/account/stream.ts";
import { commandEndpoint } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { sealedProfile } from "./sealedProfile.ts";

/** The commands of a reader's account. */
export function accountCommands(deps: ChangeProfileDependencies): readonly Endpoint[] {
  return [
    commandEndpoint({
      method: "put",
      path: "/v1/me/profile",
      stream: accountStream,
      command: "ChangeProfile",
      body: sealedProfile,
      refusals: ["reader_erased"],
      problems: [
        "session_key_missing",
        "profile_undecryptable",
        "profile_signature_invalid",
        "profile_of_another_app",
        "profile_nickname_blank",
      ],
      sent: ({ body }) => body,
      run: (readerId, sealed, context) => changeProfile(deps, { readerId, sealed }, context),
      summary: "Set the profile from wx.getUserProfile",
    }),
  ];
}
