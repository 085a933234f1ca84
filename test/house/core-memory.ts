/** Rules that keep the core's memory inside the core. A fault is "path:line: what". */
import { posix } from "node:path";
import ts from "typescript";
import { doorsOf, roomOf } from "./rooms.ts";
import { faultAt, type Source, walk } from "./source.ts";

/** An offset in the arrays of orders, events, symbols, accounts and the like. */
const OFFSET = /^[EOSAKBTRDVHPL]_[A-Z0-9_]+$/;

/** An offset in a command record. The length of its text is open to everybody. */
const RECORD_OFFSET = /^C_(?!TEXT_BYTES$|TEXT_INTS$)[A-Z0-9_]+$/;

/** The files that may write and read command records. */
const RECORD_READERS = [
  "src/core/",
  "src/router/",
  "src/persistence/",
  "src/admin/audit/",
  "src/execution/warm-up.ts",
];

/** Imports of offsets in the core's memory by files outside it. */
export function findCoreOffsets(source: Source): string[] {
  if (roomOf(source.path) === "core") return [];
  return importsFromCore(source, OFFSET, "an offset in the core's memory");
}

/** Imports of offsets in command records by files that neither write nor read records. */
export function findRecordOffsets(source: Source): string[] {
  if (RECORD_READERS.some((path) => source.path.startsWith(path))) return [];
  return importsFromCore(source, RECORD_OFFSET, "an offset in command records");
}

function importsFromCore(source: Source, names: RegExp, what: string): string[] {
  const faults: string[] = [];
  walk(source, (node) => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return;
    const target = posix.join(posix.dirname(source.path), node.moduleSpecifier.text);
    const bindings = node.importClause?.namedBindings;
    if (roomOf(target) !== "core" || bindings === undefined) return;
    if (ts.isNamespaceImport(bindings)) {
      faults.push(faultAt(source, bindings.getStart(), "imports all of a file of the core"));
      return;
    }
    for (const element of bindings.elements) {
      const name = (element.propertyName ?? element.name).text;
      if (names.test(name)) {
        faults.push(faultAt(source, element.getStart(), `imports ${name}, ${what}`));
      }
    }
  });
  return faults;
}

/**
 * Members that may be typed arrays: what a snapshot keeps (`stores`, `levels` among them), what is derived
 * from it (`derived`), what must be backed before a large tick (`eventMemory`), and the replies in a tick's
 * output, which are not the core's memory.
 */
const OPEN_MEMBERS = new Set(["stores", "levels", "derived", "eventMemory", "replies"]);

const MEMORY =
  /^(?:Big)?(?:Int|Uint|Float)\d+(?:Clamped)?Array$|^(?:Shared)?ArrayBuffer$|^DataView$/;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts"],
  types: [],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
};

/**
 * Finds memory that the doors of the core expose: members and results that are typed arrays or buffers, at
 * any depth. Parameters belong to the caller and do not count. `sources`: the core, and what it imports.
 */
export function findMemoryGivenAway(sources: readonly Source[]): string[] {
  const trees = new Map(sources.map(({ path, tree }) => [`/${path}`, tree]));
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, readFile, fileExists } = host;
  host.getCurrentDirectory = () => "/";
  host.getSourceFile = (name, ...rest) => trees.get(name) ?? getSourceFile(name, ...rest);
  host.readFile = (name) => trees.get(name)?.text ?? readFile(name);
  host.fileExists = (name) => trees.has(name) || fileExists(name);
  host.directoryExists = () => true;
  const program = ts.createProgram([...trees.keys()], OPTIONS, host);
  const doors = new Set(doorsOf("core"));
  return sources
    .filter(({ path }) => doors.has(path))
    .flatMap((door) => new DoorSearch(program, door).search());
}

/** Checks the types of everything that one door exports. */
class DoorSearch {
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;
  readonly #door: Source;
  readonly #seen = new Set<ts.Type>();
  readonly #faults: string[] = [];

  constructor(program: ts.Program, door: Source) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
    this.#door = door;
  }

  search(): string[] {
    const module = this.#checker.getSymbolAtLocation(this.#door.tree);
    if (module === undefined) return [];
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported;
      const at = exported.declarations?.[0]?.getStart() ?? 0;
      if ((symbol.flags & ts.SymbolFlags.Type) !== 0) {
        this.#visit(this.#checker.getDeclaredTypeOfSymbol(symbol), exported.name, at);
      }
      if ((symbol.flags & ts.SymbolFlags.Value) !== 0) {
        this.#visit(this.#checker.getTypeOfSymbol(symbol), exported.name, at);
      }
    }
    return this.#faults;
  }

  /** `way`: the path from the export at `at` to the type. */
  #visit(type: ts.Type, way: string, at: number): void {
    if (this.#seen.has(type)) return;
    this.#seen.add(type);
    if (type.isUnionOrIntersection()) {
      for (const part of type.types) this.#visit(part, way, at);
      return;
    }
    if ((type.flags & ts.TypeFlags.Any) !== 0) {
      this.#faults.push(faultAt(this.#door, at, `${way} has no type: it could be anything`));
    }
    if ((type.flags & ts.TypeFlags.Object) === 0) return;
    const name = type.symbol?.name ?? "";
    if (MEMORY.test(name)) {
      // A second path to the same memory is a separate fault.
      this.#seen.delete(type);
      this.#faults.push(faultAt(this.#door, at, `${way} gives memory away, ${name}`));
      return;
    }
    if (this.#isOfTheLanguage(type)) {
      for (const part of this.#checker.getTypeArguments(type as ts.TypeReference)) {
        this.#visit(part, `${way}[]`, at);
      }
      return;
    }
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      this.#visit(signature.getReturnType(), `${way}()`, at);
    }
    for (const member of this.#checker.getPropertiesOfType(type)) {
      if (OPEN_MEMBERS.has(member.name) || isPrivate(member)) continue;
      this.#visit(this.#checker.getTypeOfSymbol(member), `${way}.${member.name}`, at);
    }
  }

  /** For arrays, maps and promises, their content counts. */
  #isOfTheLanguage(type: ts.Type): boolean {
    const file = type.symbol?.declarations?.[0]?.getSourceFile();
    return file !== undefined && this.#program.isSourceFileDefaultLibrary(file);
  }
}

function isPrivate({ valueDeclaration }: ts.Symbol): boolean {
  if (valueDeclaration === undefined) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if ((ts.getCombinedModifierFlags(valueDeclaration) & hidden) !== 0) return true;
  const name = ts.getNameOfDeclaration(valueDeclaration);
  return name !== undefined && ts.isPrivateIdentifier(name);
}
