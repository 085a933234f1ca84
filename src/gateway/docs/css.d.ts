/** The text of a style sheet, imported with `type: "text"`. */
declare module "*.css" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: imports of this type have one
  export default text;
}
