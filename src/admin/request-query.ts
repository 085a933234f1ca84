import * as v from "valibot";
import { UNKNOWN_PARAMETER } from "../protocol/issue.ts";
import { invalidParameters } from "./admin-error.ts";

/** Checks the query of a request's address. Throws `AdminError` 40001 with every fault. */
export function readQuery<const Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): v.InferOutput<Schema> {
  const { searchParams } = new URL(request.url);
  const result = v.safeParse(schema, Object.fromEntries(searchParams));
  if (result.success) return result.output;
  throw invalidParameters(
    result.issues.map((issue) => ({
      field: v.getDotPath(issue) ?? "query",
      issue: issue.type === "strict_object" ? UNKNOWN_PARAMETER : issue.message,
    })),
  );
}
