// Reads files, away from the page.
import init from "./worker.js";

await init();
