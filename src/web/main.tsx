/** The trading page: a client of the exchange like any other. */
import { render } from "preact";
import { applyTheme } from "./lib/theme.ts";
import { watchMaintenance } from "./line/maintenance.ts";
import { readOffer, readSession } from "./login/session.ts";
import { App } from "./shell/app.tsx";
import { watchOrders, watchSession, watchVisibility } from "./shell/notices.ts";

applyTheme();
watchOrders();
watchVisibility();
watchSession();
watchMaintenance();
void readSession();
void readOffer();
const root = document.getElementById("page");
if (root === null) throw new Error("the document has no #page");
render(<App />, root);
