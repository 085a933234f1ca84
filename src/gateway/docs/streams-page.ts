/** The reference of the WebSocket API, made from the schemas of its methods and pushes. */
import type { TSchema } from "@sinclair/typebox";
import { fieldsOf, typeText } from "../../protocol/documents/field-list.ts";
import { errorsOf, errorText } from "../../protocol/documents/method-errors.ts";
import { EXAMPLE_ID, methodExamples, pushExamples } from "../../protocol/examples.ts";
import { OrderStateResult } from "../../protocol/schemas/orders.ts";
import {
  METHOD_NAMES,
  type MethodName,
  methods,
  PUSH_NAMES,
  type PushName,
  pushes,
} from "../../protocol/schemas.ts";
import { costText } from "../../protocol/weight.ts";
import { escaped, type Page } from "./page.ts";

const TITLES = {
  OrderState: "order state",
  Order: "params of order.place",
  Symbol: "result of symbols.get",
  Ticker: "result of tickers.get",
  Error: "error",
};

export function streamsPage(): Page {
  const contents = (names: readonly string[], suffix = "") =>
    names.map((name) => `<a href="#${name}${suffix}">${name}</a>`).join(" ");
  return {
    title: "Waiver Exchange: WebSockets",
    body: [
      '<main class="page">',
      "<h1>WebSockets</h1>",
      `<p>${code("/orders")}, ${code("/market-data")} and ${code("/user-data")}, with the subprotocol ${code("waiver.json")} ` +
        `or ${code("waiver.msgpack")}. The same for programs: <a href="/api/v1/asyncapi.json">AsyncAPI</a>, <a href="/llms.txt">llms.txt</a>.</p>`,
      `<p>A request is ${code('{"id", "method", "params"}')}, its answer ${code('{"id", "result"}')} or ` +
        `${code('{"id", "error": {"code", "message", "details"}}')}, a push ${code('{"stream", "data"}')}.</p>`,
      `<p class="contents">Methods: ${contents(METHOD_NAMES)}</p>`,
      `<p class="contents">Pushes: ${contents(PUSH_NAMES, "-push")}</p>`,
      `<section id="order-state"><h2>Order state</h2>${fieldTable(OrderStateResult)}</section>`,
      ...METHOD_NAMES.map(methodSection),
      ...PUSH_NAMES.map(pushSection),
      "</main>",
    ].join("\n"),
  };
}

function methodSection(name: MethodName): string {
  const { endpoints, permission, cost, params, result } = methods[name];
  const example = methodExamples[name];
  const where = endpoints.map((endpoint) => code(`/${endpoint}`)).join(", ");
  const needs = permission === null ? "" : ` Permission: ${code(permission)}.`;
  const isOrder = result.title === "OrderState";
  return [
    `<section id="${name}"><h2>${name}</h2>`,
    `<p>On ${where}.${needs} Costs ${escaped(costText(cost))}.</p>`,
    `<h3>Params</h3>${fieldTable(params)}`,
    `<h3>Result</h3>${isOrder ? `<p>${typeText(result, TITLES)}</p>` : fieldTable(result)}`,
    `<h3>Errors</h3><p>${errorsOf(name)
      .map((each) => escaped(errorText(each)))
      .join("; ")}</p>`,
    examples(
      { id: EXAMPLE_ID, method: name, params: example.params },
      { id: EXAMPLE_ID, result: example.result },
    ),
    "</section>",
  ].join("\n");
}

function pushSection(name: PushName): string {
  const { stream, data } = pushes[name];
  return [
    `<section id="${name}-push"><h2>${name} push</h2>`,
    `<p>Stream ${code(stream)}.</p>`,
    fieldTable(data),
    examples({ stream, data: pushExamples[name] }),
    "</section>",
  ].join("\n");
}

function fieldTable(schema: TSchema): string {
  const rows = fieldsOf(schema, TITLES).map(
    ({ name, isOptional, type, description }) =>
      `<tr><td>${code(name)}${isOptional ? "?" : ""}<td>${marked(type)}<td>${marked(description)}`,
  );
  return rows.length === 0 ? "<p>None</p>" : `<table>${rows.join("\n")}</table>`;
}

function examples(...messages: object[]): string {
  const texts = messages.map((message) => escaped(JSON.stringify(message, null, 2)));
  return `<details><summary>Example</summary>${texts.map((text) => `<pre>${text}</pre>`).join("")}</details>`;
}

const code = (text: string): string => `<code>${escaped(text)}</code>`;

/** Turns a text of a schema, in which backquotes mark code, into HTML. */
function marked(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, "<code>$1</code>");
}
