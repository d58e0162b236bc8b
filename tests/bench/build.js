// Bundles the peers into the folder that is given, or ./dist: a page and a script each.

import { build } from "esbuild";
import { resolve } from "node:path";

const PEERS = ["hand.js", "query.jsx", "query-normalised.jsx", "db.jsx"];

await build({
  absWorkingDir: resolve(import.meta.dirname, "peers"),
  entryPoints: PEERS.flatMap((script) => [script, script.replace(/\.jsx?$/, ".html")]),
  outdir: resolve(process.argv[2] ?? "dist"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2023",
  jsx: "automatic",
  loader: { ".html": "copy" },
  define: { "process.env.NODE_ENV": '"production"' },
});
