/** Imported with `type: "text"`: the style sheet itself. */
declare module "*.css" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: imports of this type have one
  export default text;
}
