import { z } from "zod";

/** As returned by wx.getUserProfile, with upper bounds for the lengths. */
export const sealedProfile = z
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
