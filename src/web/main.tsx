/** The trading page: a client of the exchange like any other. */
import { render } from "preact";
import { applyTheme } from "./lib/theme.ts";
import { App } from "./shell/app.tsx";

applyTheme();
const root = document.getElementById("page");
if (root === null) throw new Error("the document has no #page");
render(<App />, root);
