/** The reference of the REST API: Scalar's, made from the published OpenAPI document. */
import type { Page } from "./page.ts";

/** The page connects to nobody but the exchange: no proxy, no telemetry, no fonts from elsewhere. */
const CONFIGURATION = {
  url: "/api/v1/openapi.json",
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  persistAuth: false,
  agent: { disabled: true },
  mcp: { disabled: true },
};

/** The script that the page runs when the reference is loaded. */
export const START_SCRIPT = `Scalar.createApiReference("#reference", ${JSON.stringify(CONFIGURATION)});\n`;

export const referencePage: Page = {
  title: "Waiver Exchange: REST",
  body: '<main id="reference"></main>',
  scripts: ["/docs/reference.js", "/docs/start.js"],
  // Scalar adds styles while it runs.
  policy: { "style-src": "'self' 'unsafe-inline'" },
};
