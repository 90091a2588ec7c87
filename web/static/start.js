import "./reader.js";

// Starts the page, or says why it cannot start. The simulator is a program of
// its own, with all of the page in it: most people come for something else.
const name = location.hash.startsWith("#/sim") ? "simulator" : "vhault";

import(`./${name}.js`).then((program) => program.default()).catch((error) => {
  const word = document.getElementById("waiting-word");
  const [english, korean] = typeof WebAssembly === "object"
    ? ["A part of the page did not arrive. Reload to try again.", "페이지의 일부를 받지 못했습니다. 새로 고침해 다시 시도하세요."]
    : ["A browser of the last two years with WebAssembly is needed.", "WebAssembly를 지원하는 최신 브라우저가 필요합니다."];
  if (word) {
    word.textContent = `The page could not start. ${english} · 페이지를 시작하지 못했습니다. ${korean} (${error})`;
  }
  console.error(error);
});

// For the next time, when there may be no network. Where the browser keeps
// nothing, the page works all the same while there is one.
navigator.serviceWorker?.register("./offline.js").catch(() => undefined);
