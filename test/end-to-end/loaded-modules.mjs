// Runs in its own process: answers one event with the bundle, and prints the loaded files on the last line.
import { registerHooks } from "node:module";

const loaded = [];
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});

const [bundle, event] = process.argv.slice(2);
const { handler } = await import(bundle);
const context = { functionName: "authorizer", awsRequestId: "1", getRemainingTimeInMillis: () => 5000 };
const answer = await handler(JSON.parse(event), context).catch((error) => ({ error: error.message }));
process.stderr.write(`\n${JSON.stringify({ answer, loaded })}`);
