import { InvalidArgumentError } from "@commander-js/extra-typings";
import { WHOLE_BPS } from "../../../lib/basis-points.ts";
import { PLAYER_GONE, SYMBOL_STATES } from "../../../protocol/schemas/market-data.ts";
import { request } from "../admin-client.ts";
import { CliError, EXIT } from "../cli-error.ts";
import { confirm, YES_OPTION } from "../confirm.ts";
import { example } from "../example.ts";
import { findSymbol, type ListedSymbol, nameOf, SYMBOL_HELP, symbolTable } from "../find-symbol.ts";
import { counted, fields, print } from "../output.ts";
import { parseLimit } from "../parse.ts";
import type { Group, Program } from "../root-command.ts";

/** The last part of the path on the admin API is the command's own name. */
const COMMANDS = [
  { name: "halt", state: "HALTED", description: "Stops all trading of symbols." },
  {
    name: "resume",
    state: "TRADING",
    description:
      "Opens symbols for trading, after an auction at one price. Of several, those of players who left stay closed.",
  },
  { name: "pre-open", state: "PRE_OPEN", description: "Lets orders gather without matching." },
  {
    name: "auction",
    state: "AUCTION",
    description: "Announces the auction in which gathered orders will trade.",
  },
  {
    name: "cancel-only",
    state: "CANCEL_ONLY",
    description: "Lets orders be cancelled, and none placed.",
  },
] as const;

/** Which symbols a command is for. */
interface Selection {
  all?: true | undefined;
  team?: string | undefined;
  position?: string | undefined;
}

export function addSymbolCommands(program: Program): void {
  const symbol = program
    .command("symbol")
    .description("Shows symbols, halts them and lets them trade again, and sets their price bands.")
    .addHelpText("after", example("symbol halt mahomes"));
  for (const { name, state, description } of COMMANDS) {
    symbol
      .command(name)
      .description(`${description} Asks first.`)
      .argument("[symbol]", SYMBOL_HELP)
      .option("--all", "every symbol")
      .option("--team <team>", "those of this team, such as KC")
      .option("--position <position>", "those of this position, such as QB")
      .option(...YES_OPTION)
      .addHelpText("after", example(`symbol ${name} mahomes`))
      .action(async (text, { yes, ...selection }) => {
        const found = await select(program, text, selection, state === "TRADING");
        await confirm(program, `${name} ${wordsOf(found)}`, yes);
        if (found.one !== null) {
          const params = { symbol: found.one.symbol };
          const answer = await request(program, `POST /admin/v1/symbols/:symbol/${name}`, {
            params,
          });
          const title = nameOf(found.one);
          print(program, `symbol ${name}`, answer, (now) => `${title} is now ${now.state}`);
          return;
        }
        const body = { ...given(selection), state };
        const answer = await request(program, "POST /admin/v1/symbols/state", { body });
        const what = counted(answer.symbols.length, "symbol is", "symbols are");
        print(program, `symbol ${name}`, answer, (now) => `${what} now ${now.state}`);
      });
  }
  addBands(program, symbol);
  symbol
    .command("list")
    .description("Lists symbols with their players and states.")
    .option("--team <team>", "only of this team, such as KC")
    .option("--position <position>", "only of this position, such as QB")
    .option("--state <state>", `only in this state: ${SYMBOL_STATES.join(", ")}`, parseState)
    .addHelpText("after", example("symbol list --team KC"))
    .action(async (query) => {
      const answer = await request(program, "GET /admin/v1/symbols", { query });
      print(program, "symbol list", answer, ({ symbols }) => symbolTable(symbols));
    });
  symbol
    .command("show")
    .description("Shows a symbol, its player and its rules.")
    .argument("<symbol>", SYMBOL_HELP)
    .addHelpText("after", example("symbol show mahomes"))
    .action(async (text) => {
      const params = { symbol: (await findSymbol(program, text)).symbol };
      const answer = await request(program, "GET /admin/v1/symbols/:symbol", { params });
      print(program, "symbol show", answer, (found) =>
        fields(
          Object.fromEntries(Object.entries(found).map(([key, value]) => [key, `${value ?? ""}`])),
        ),
      );
    });
}

function addBands(program: Program, symbol: Group): void {
  symbol
    .command("bands")
    .description(
      "Sets how far from the reference price orders may be, until the configuration changes it for all. Asks first.",
    )
    .argument("[symbol]", SYMBOL_HELP)
    .option("--all", "every symbol")
    .option("--team <team>", "those of this team, such as KC")
    .option("--position <position>", "those of this position, such as QB")
    .requiredOption(
      "--percent <percent>",
      "to either side, up to 2 decimals; 0: no band",
      parseBand,
    )
    .option(
      "--window <seconds>",
      "how long the reference stands still (default: as it is, or as configured where there was no band)",
      parseLimit,
    )
    .option("--reference <cents>", "the reference price from now on", parseLimit)
    .option(...YES_OPTION)
    .addHelpText("after", example("symbol bands mahomes --percent 10"))
    .action(async (text, { yes, percent, window, reference, ...selection }) => {
      if (percent === 0 && window !== undefined) {
        const message = "--window goes with a band only: with --percent 0 there is none.";
        throw new CliError(message, { exitCode: EXIT.usage });
      }
      const found = await select(program, text, selection);
      await confirm(program, `Set a price band of ${percent / 100} % for ${wordsOf(found)}`, yes);
      const meant = found.one === null ? given(selection) : { symbol: found.one.symbol };
      const answer = await request(program, "POST /admin/v1/symbols/bands", {
        body: {
          ...meant,
          price_band_bps: percent,
          ...(window !== undefined && { price_band_window_ms: window * 1000 }),
          ...(reference !== undefined && { reference_price: reference }),
        },
        typed: {
          price_band_bps: "--percent",
          price_band_window_ms: "--window (in milliseconds)",
          reference_price: "--reference",
        },
      });
      print(program, "symbol bands", answer, ({ symbols, price_band_bps }) => {
        const band = price_band_bps === 0 ? "no price band" : `a band of ${price_band_bps / 100} %`;
        return `${counted(symbols.length, "symbol has", "symbols have")} ${band}`;
      });
    });
}

interface Selected {
  /** The symbol that was named; null when several are meant. */
  one: ListedSymbol | null;
  count: number;
}

/**
 * The symbols that are meant. `isOpening`: symbols of players who left are not counted, because they stay
 * closed.
 */
async function select(
  program: Program,
  text: string | undefined,
  selection: Selection,
  isOpening = false,
): Promise<Selected> {
  const { all, team, position } = selection;
  const isFiltered = team !== undefined || position !== undefined;
  if ([text !== undefined, all === true, isFiltered].filter((is) => is).length !== 1) {
    const message = "Say one of: a symbol, --all, or --team and --position or one of the two.";
    throw new CliError(message, { exitCode: EXIT.usage });
  }
  if (text !== undefined) return { one: await findSymbol(program, text), count: 1 };
  const { symbols } = await request(program, "GET /admin/v1/symbols", {
    query: { team, position },
  });
  const count = symbols.filter((each) => !isOpening || each.player_status !== PLAYER_GONE).length;
  if (count > 0) return { one: null, count };
  throw new CliError("No symbol is of that team and position.", { exitCode: EXIT.unknown });
}

const wordsOf = ({ one, count }: Selected): string =>
  one === null ? counted(count, "symbol", "symbols") : `${nameOf(one)}, now ${one.state}`;

function given({ all, team, position }: Selection) {
  return {
    ...(all === true && { all }),
    ...(team !== undefined && { team }),
    ...(position !== undefined && { position }),
  };
}

function parseState(text: string): (typeof SYMBOL_STATES)[number] {
  const state = SYMBOL_STATES.find((name) => name === text.toUpperCase().replace("-", "_"));
  if (state === undefined) {
    throw new InvalidArgumentError(`Expected one of ${SYMBOL_STATES.join(", ")}.`);
  }
  return state;
}

/** Reads a percentage; returns basis points. */
function parseBand(text: string): number {
  const bps = /^\d{1,3}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : Number.NaN;
  if (bps >= 0 && bps <= WHOLE_BPS) return bps;
  throw new InvalidArgumentError("Expected a percentage, 0 to 100 with up to 2 decimals.");
}
