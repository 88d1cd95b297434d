// Runs in a process of its own, in plain JavaScript so that nothing is compiled beside the bundle: imports it, decides once, and tells what each cost.
// With BENCH_HOOK it tells which files were loaded instead, which takes time of its own.
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

/** Files of the bundle, their bytes, and modules of Node's own that have been loaded since the start. */
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
