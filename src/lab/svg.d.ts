/** The builder turns an imported SVG into its text. */
declare module '*.svg' {
  const source: string;
  export default source;
}
