import type { HandleCommand } from "../../commands/types.ts";
import { preferences, settings } from "../../domain/preferences/events.ts";
import { preferencesStream } from "../../domain/preferences/stream.ts";
import type { Endpoint } from "../endpoint.ts";
import { plainCommands } from "../plainCommands.ts";

/** The commands of a reader's preferences and settings. */
export function preferencesCommands(handleCommand: HandleCommand): readonly Endpoint[] {
  const chosen = plainCommands(preferencesStream, handleCommand);
  const description = "Omitted fields stay unchanged.";
  return [
    chosen({
      method: "put",
      path: "/v1/preferences",
      command: "ChoosePreferences",
      body: preferences.partial(),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Change the preferences",
      description,
    }),
    chosen({
      method: "put",
      path: "/v1/settings",
      command: "AdjustSettings",
      body: settings.partial(),
      refusals: [],
      sent: ({ body }) => body,
      summary: "Change the settings for the display of pages",
      description,
    }),
  ];
}
