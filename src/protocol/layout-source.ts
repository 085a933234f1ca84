/**
 * Turns a layout into statements that write it in one encoding. The constant bytes between two values are one fragment. When
 * a value is one of a few words, it becomes part of the constant bytes, with one fragment for each possible word.
 */
import { Fragment } from "./byte-writer.ts";
import type { Constant, Layout, Members, Optional } from "./layout.ts";
import { MessagePackWriter } from "./message-pack-writer.ts";

/** The most alternative fragments for one piece of a message. */
const ALTERNATIVES_MAX = 256;

/** The id is written as it was in the request. */
const REQUEST_ID = "writer.raw(ids, idStart, idLength);";

/** Bytes as a text with one character for each byte. */
type Bytes = string;

export abstract class LayoutSource {
  readonly statements: string[] = [];
  /** `fragments[i]` is `fragment<i>` in the statements: a fragment, or a list of alternatives. */
  readonly fragments: (Fragment | Fragment[])[] = [];
  /** Bytes for which there is no statement yet: one text, or several alternatives of which `#index` chooses one. */
  #pending: Bytes[] = [""];
  #index = "0";

  /** The bytes of a constant value. */
  protected abstract constant(value: Constant): Bytes;
  protected abstract ascii(of: string): void;
  protected abstract name(prefix: string, of: string): void;
  protected abstract levels(of: string, count: string): void;
  protected abstract list(items: readonly Layout[]): void;
  protected abstract object(members: Members): void;
  protected abstract requestId(): void;

  /** Adds the statements that write `layout`. */
  value(layout: Layout): void {
    switch (layout.kind) {
      case "constant":
        return this.bytes(this.constant(layout.value));
      case "integer":
      case "number":
        return this.statement(`writer.${layout.kind}(${layout.of});`);
      case "boolean":
        return this.#word([false, true], `${layout.of} ? 1 : 0`);
      case "word":
        return this.#word(layout.words, layout.of);
      case "ascii":
        return this.ascii(layout.of);
      case "name":
        return this.name(layout.prefix, layout.of);
      case "levels":
        return this.levels(layout.of, layout.count);
      case "list":
        return this.list(layout.items);
      case "object":
        return this.object(layout.members);
      case "nullable":
        return this.#nullable(layout.when, layout.value);
      case "requestId":
        return this.requestId();
    }
  }

  #word(words: readonly Constant[], index: string): void {
    this.choice(
      words.map((word) => this.constant(word)),
      index,
    );
  }

  #nullable(when: string, value: Layout): void {
    this.statement(`if (${when}) {`);
    this.value(value);
    this.statement("} else {");
    this.bytes(this.constant(null));
    this.statement("}");
  }

  protected bytes(bytes: Bytes): void {
    this.#pending = this.#pending.map((before) => before + bytes);
  }

  /** Adds one of `alternatives`, chosen by the expression `index`. */
  protected choice(alternatives: readonly Bytes[], index: string): void {
    if (this.#pending.length * alternatives.length > ALTERNATIVES_MAX) this.flush();
    const isSingle = this.#pending.length === 1;
    this.#index = isSingle ? index : `(${this.#index}) * ${alternatives.length} + (${index})`;
    this.#pending = this.#pending.flatMap((before) => alternatives.map((after) => before + after));
  }

  protected statement(source: string): void {
    this.flush();
    this.statements.push(source);
  }

  /** Adds the statement for the pending bytes. The statements are complete after it. */
  flush(): void {
    const alternatives = this.#pending;
    const index = this.#index;
    this.#pending = [""];
    this.#index = "0";
    if (alternatives.every((bytes) => bytes === "")) return;
    const fragments = alternatives.map(fragmentOf);
    const isSingle = fragments.length === 1;
    const name = `fragment${this.fragments.length}`;
    this.fragments.push(isSingle ? fragments[0] : fragments);
    this.statements.push(`writer.fragment(${isSingle ? name : `${name}[${index}]`});`);
  }

  /** Adds a member that is not always there. If it is one of a few words, it becomes a choice between constant bytes. */
  protected optional(before: Bytes, { value, when }: Optional, after: Bytes): void {
    if (value.kind === "constant") {
      this.choice(["", before + this.constant(value.value) + after], `${when} ? 1 : 0`);
    } else if (value.kind === "word") {
      const words = value.words.map((word) => before + this.constant(word) + after);
      this.choice(["", ...words], `${when} ? 1 + ${value.of} : 0`);
    } else {
      this.statement(`if (${when}) {`);
      this.bytes(before);
      this.value(value);
      this.bytes(after);
      this.statement("}");
    }
  }
}

function fragmentOf(bytes: Bytes): Fragment {
  return new Fragment(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}

export class JsonSource extends LayoutSource {
  protected override constant(value: Constant): Bytes {
    return JSON.stringify(value);
  }

  protected override ascii(of: string): void {
    this.#quoted("", `writer.characters(${of});`);
  }

  protected override name(prefix: string, of: string): void {
    this.#quoted(prefix, `writer.digits(${of});`);
  }

  #quoted(prefix: string, statement: string): void {
    this.bytes(`"${prefix}`);
    this.statement(statement);
    this.bytes('"');
  }

  protected override levels(of: string, count: string): void {
    this.bytes("[");
    this.statement(`writer.levels(${of}, ${count});`);
    this.bytes("]");
  }

  protected override list(items: readonly Layout[]): void {
    this.bytes("[");
    for (const [i, item] of items.entries()) {
      if (i > 0) this.bytes(",");
      this.value(item);
    }
    this.bytes("]");
  }

  /** Optional members in front of the first required one are followed by their comma; the others come after theirs. */
  protected override object(members: Members): void {
    this.bytes("{");
    let isFirst = true;
    for (const [key, member] of Object.entries(members)) {
      const before = `${isFirst ? "" : ","}"${key}":`;
      if (member.kind === "optional") {
        this.optional(before, member, isFirst ? "," : "");
      } else {
        this.bytes(before);
        this.value(member);
        isFirst = false;
      }
    }
    this.bytes("}");
  }

  protected override requestId(): void {
    this.statement(REQUEST_ID);
  }
}

export class MessagePackSource extends LayoutSource {
  readonly #writer = new MessagePackWriter();

  protected override constant(value: Constant): Bytes {
    return this.#written((writer) => {
      if (value === null) writer.nil();
      else if (typeof value === "string") writer.string(value);
      else if (typeof value === "boolean") writer.boolean(value);
      else writer.number(value);
    });
  }

  protected override ascii(of: string): void {
    this.statement(`writer.string(${of});`);
  }

  protected override name(prefix: string, of: string): void {
    this.flush();
    const fragment = `fragment${this.fragments.length}`;
    this.fragments.push(fragmentOf(prefix));
    this.statement(`writer.name(${fragment}, ${of});`);
  }

  protected override levels(of: string, count: string): void {
    this.statement(`writer.levels(${of}, ${count});`);
  }

  protected override list(items: readonly Layout[]): void {
    this.bytes(this.#written((writer) => writer.array(items.length)));
    for (const item of items) this.value(item);
  }

  protected override object(members: Members): void {
    this.#mapHead(members);
    for (const [key, member] of Object.entries(members)) {
      const before = this.constant(key);
      if (member.kind === "optional") {
        this.optional(before, member, "");
      } else {
        this.bytes(before);
        this.value(member);
      }
    }
  }

  #mapHead(members: Members): void {
    const all = Object.values(members);
    const sometimes = all.filter((member) => member.kind === "optional");
    const always = all.length - sometimes.length;
    const counts = sometimes.map(({ when }) => ` + (${when} ? 1 : 0)`);
    if (counts.length === 0) this.bytes(this.#written((writer) => writer.map(always)));
    else this.statement(`writer.map(${always}${counts.join("")});`);
  }

  protected override requestId(): void {
    this.statement(REQUEST_ID);
  }

  #written(write: (writer: MessagePackWriter) => void): Bytes {
    this.#writer.reset();
    write(this.#writer);
    return String.fromCharCode(...this.#writer.view());
  }
}
