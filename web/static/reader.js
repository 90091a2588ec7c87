// What takes a worker's place where the browser starts none: the same program,
// run in the page. There a read cannot be waited for, so all of a file is read
// first; MOST is what a page can hold and work through without seeming dead.
const MOST = 64 * 1024 * 1024;
let loaded;

globalThis.VhaultInPage = class {
  constructor() {
    loaded ??= import("./worker.js").then((program) => program.default());
    loaded.then(() => this.onmessage?.({ data: '"Ready"' }), (error) => this.onerror?.(new ErrorEvent("error", { message: String(error) })));
  }

  async postMessage({ order, files }) {
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const buffers = bytes > MOST ? undefined : await Promise.all(files.map((file) => file.arrayBuffer())).catch(() => null);
    // What is under way is drawn first.
    await new Promise((resolve) => setTimeout(resolve));
    if (this.onmessage) globalThis.vhaultReader({ order, files, buffers, most: MOST }, (data) => this.onmessage?.({ data }));
  }

  terminate() {
    this.onmessage = null;
  }
};
