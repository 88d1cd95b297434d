export { type BackendCaller, CallerMissingError, readCaller } from "../shared/caller/read-caller.ts";
