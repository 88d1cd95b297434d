// Runs in its own process, on the Node.js version under test: answers the events of a file with a module's handler, and
// prints the answers.
import { readFile } from "node:fs/promises";

const [module, events] = process.argv.slice(2);
const { handler } = await import(module);
const context = { functionName: "authorizer", awsRequestId: "1", getRemainingTimeInMillis: () => 5000 };
const answers = [];
for (const event of JSON.parse(await readFile(events, "utf8"))) {
  answers.push(
    await handler(event, context).then(
      (result) => ({ result }),
      (error) => ({ error: error.message }),
    ),
  );
}
process.stdout.write(JSON.stringify(answers));
