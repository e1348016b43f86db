/**
 * How a handler becomes one file. The SDK comes with it: the one of the runtime changes without
 * notice, and is slower to load.
 */
export const bundling = {
  format: 'esm',
  target: 'node24',
  minify: true,
  // An ESM build takes less of each package than a CommonJS one.
  mainFields: ['module', 'main'],
  // Some packages are CommonJS and require what Node has.
  banner: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
} as const;
