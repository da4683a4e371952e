import { idOf } from "../../domain/streams.ts";
import { defineReadModel } from "../engine/core/declaration.ts";

/** Each reader's preferences and settings. Readers without a row have the defaults (src/domain/preferences/defaults.ts). */
export const preferences = defineReadModel({
  name: "preferences",
  version: 1,
  partitionKey: "reader",
  categories: ["preferences"],
  tables: {
    reader_preferences: {
      columns: {
        reader_id: "text",
        channel: "text?",
        /** Comma-separated. */
        category_ids: "text",
        progress_policy: "text",
        changed_at: "timestamptz",
      },
      primaryKey: ["reader_id"],
    },
    reader_settings: {
      columns: {
        reader_id: "text",
        brightness: "int4",
        font_size: "int4",
        background: "text",
        page_turn: "text",
        line_spacing: "int4",
        changed_at: "timestamptz",
      },
      primaryKey: ["reader_id"],
    },
  },
  on: {
    ReadingPreferenceChosen: {
      keys: ({ stream }) => ({ reader_preferences: [{ reader_id: idOf(stream) }] }),
      overwrites: true,
      project: (_, { stream, created, data: { channel, categoryIds, progressPolicy } }) => ({
        reader_preferences: [
          {
            reader_id: idOf(stream),
            channel,
            category_ids: categoryIds.join(","),
            progress_policy: progressPolicy,
            changed_at: created,
          },
        ],
      }),
    },
    ReaderSettingsAdjusted: {
      keys: ({ stream }) => ({ reader_settings: [{ reader_id: idOf(stream) }] }),
      overwrites: true,
      project: (_, { stream, created, data: { brightness, fontSize, background, pageTurn, lineSpacing } }) => ({
        reader_settings: [
          {
            reader_id: idOf(stream),
            brightness,
            font_size: fontSize,
            background,
            page_turn: pageTurn,
            line_spacing: lineSpacing,
            changed_at: created,
          },
        ],
      }),
    },
  },
});
