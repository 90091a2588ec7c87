// The same module as the page; where there is no window it is a worker.
import init from "./vhault.js";

await init();
