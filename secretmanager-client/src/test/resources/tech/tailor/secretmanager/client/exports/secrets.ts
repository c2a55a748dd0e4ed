import { defineSecret } from "@tailor-platform/sdk";

export const vault_my_secrets = defineSecret("my-secrets", {
  "api-key": { description: "External API key" },
  "webhook-token": { description: "Signs webhooks" }, // optional
  "awkward-key": { description: "\"quoted\" 'single' `tick` \\ */ // ${var.x} $${y} %{if} %%{z} <b> é 😀 \u202e \u00a0" },
});

export const vault_default = defineSecret("default", {
  "class": { description: "" },
});

export const vault_0_and__more = defineSecret("0-and--more", {
  "1--2---3": { description: "Looks like arithmetic" },
});
