// Runs in its own process: imports the bundle, makes one decision, and prints the cost of both. It is plain JavaScript,
// so that Node.js compiles no other TypeScript. With BENCH_HOOK it prints the loaded files instead, because listing
// them takes time.
import { statSync, writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const [bundle, inputText] = process.argv.slice(2);
const loaded = [];
if (process.env.BENCH_HOOK) {
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:")) loaded.push(fileURLToPath(url));
      return nextLoad(url, context);
    },
  });
}

async function timed(work) {
  const [before, begun] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000, result };
}

const builtins = () =>
  process.moduleLoadList.filter((name) => name.startsWith("NativeModule ")).map((name) => name.slice(13));
const known = new Set(builtins());

/** The bundle's loaded files, their size in bytes, and the Node.js modules loaded since the start. */
const modules = () => ({
  files: [...loaded],
  bytes: loaded.reduce((sum, file) => sum + statSync(file).size, 0),
  builtins: builtins().filter((name) => !known.has(name)),
});

const { result: exported, ...imported } = await timed(() => import(bundle));
const eager = modules();
const context = { functionName: "authorizer", awsRequestId: "1", getRemainingTimeInMillis: () => 5000 };
const decide = (input) =>
  exported.handler(input, context).then(
    (answer) => ({ answer }),
    (error) => ({ error: String(error) }),
  );
const { result, ...first } = inputText
  ? await timed(() => decide(JSON.parse(inputText)))
  : { wall: null, cpu: null, result: {} };
const whole = modules();
// maxRSS is in KiB.
const peak = process.resourceUsage().maxRSS * 1024;
writeSync(2, `\n${JSON.stringify({ imported, first, result, eager, whole, peak })}`);
process.exit(0);
