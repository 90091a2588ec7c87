// The simulator as a person uses it: what a view shows is compared with what
// the engine's golden logs and the program say.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PAGE, launch, open, overWide, saved, violations } from "./browser.mjs";
import { go, seek, showCopy, stateHash, toEnd } from "./sim.mjs";

const golden = new URL("../../core/src/sim/golden/", import.meta.url);
const catalogue = JSON.parse(readFileSync(new URL("../../core/src/advice/catalogue.json", import.meta.url), "utf8"));
let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "vhault-sim-"));
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

// The hash that the program's golden log ends with.
const goldenState = (name) => /^# state ([0-9a-f]{64})$/m.exec(readFileSync(new URL(`${name}.log`, golden), "utf8"))[1];

// Plays a scenario, and returns the hash of where it ends.
async function endOf(page, name) {
  await toEnd(page, name);
  return stateHash(page);
}

test("every scenario ends in the state that the program's golden log ends in", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const logs = readdirSync(golden);
  assert.equal(logs.length, 18);
  for (const log of logs) {
    const name = log.replace(".log", "");
    assert.equal(await endOf(view.page, name), goldenState(name), log);
  }
  await view.close();
});

test("every error is shown and its cure cures it, with the page's own buttons", async () => {
  const view = await open(browser, { hash: "#/sim/trouble" });
  const { page } = view;
  await page.locator(".entries li").first().waitFor();
  assert.equal(await page.locator(".entries li").count(), 140);
  const entries = Array.isArray(catalogue) ? catalogue : catalogue.entries ?? catalogue.errors;
  const errors = entries.filter((entry) => entry.kind === "error").map((entry) => entry.id);
  assert.equal(errors.length, 41);
  let [cured, stubborn] = [0, 0];
  for (const id of errors) {
    await go(page, `#/sim/trouble/${id}`);
    await page.locator("h1 code", { hasText: id }).waitFor();
    const count = await page.locator(".show-me").count();
    assert.ok(count > 0, `${id} cannot be shown`);
    for (let place = 0; place < count; place += 1) {
      await page.locator(".show-me").nth(place).click();
      await page.locator('.lesson-state[data-state="raised"]').waitFor();
      const before = await stateHash(page);
      await page.locator(".apply").click();
      const state = page.locator('.lesson-state:not([data-state="raised"])');
      await state.waitFor();
      if ((await state.getAttribute("data-state")) === "again") {
        assert.match(await page.locator(".lesson").innerText(), /Nothing helps/, id);
        assert.equal(await stateHash(page), before, `${id}: a refusal changed the state`);
        stubborn += 1;
      } else {
        assert.equal(await state.getAttribute("data-state"), "cured", id);
        cured += 1;
      }
    }
  }
  assert.equal(cured + stubborn, 43);
  console.log(`${cured} errors cured, ${stubborn} that nothing cures`);
  await view.close();
});

test("an entry is found by its id and by words, in either language", async () => {
  const view = await open(browser, { hash: "#/sim/trouble" });
  const { page } = view;
  const first = page.locator(".entries li code").first();
  for (const [words, id] of [["bkp-16", "BKP-16"], ["bitlocker locked", "BKP-16"], ["프리미엄", "BKP-17"]]) {
    await page.getByRole("searchbox").fill(words);
    await page.waitForFunction((id) => document.querySelector(".entries li code")?.textContent === id, id);
    assert.equal(await first.innerText(), id);
  }
  await page.getByRole("searchbox").fill("no such words at all");
  await page.getByText("No entry has these words.").waitFor();
  await view.close();
});

test("undo goes back, redo goes forth, and a deed in the past keeps both futures", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  const end = await endOf(page, "first-day");
  await page.getByRole("button", { name: "Undo" }).click();
  assert.notEqual(await stateHash(page), end);
  await page.getByRole("button", { name: "To the end" }).click();
  await page.waitForFunction((end) => document.querySelector(".state-hash")?.textContent === end, end);
  await go(page, "#/sim/items");
  await page.getByRole("button", { name: "Fork here" }).click();
  await page.getByText("Nothing differs so far.").waitFor();
  await page.getByRole("button", { name: "Choose all" }).click();
  await page.getByRole("button", { name: "Stop, keep the points" }).click();
  await page.getByText("First thing only here").waitFor();
  await page.getByRole("button", { name: "Next event" }).click();
  const here = await stateHash(page);
  assert.notEqual(here, end);
  await page.getByRole("button", { name: "Go to the other future" }).click();
  await page.waitForFunction((end) => document.querySelector(".state-hash")?.textContent === end, end);
  await page.getByRole("button", { name: "Go to the other future" }).click();
  await page.waitForFunction((here) => document.querySelector(".state-hash")?.textContent === here, here);
  await view.close();
});

test("a link leads to the same moment in another browser, and garbage is a message", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const hash = await endOf(view.page, "six-disks");
  await view.page.getByRole("button", { name: "Link", exact: true }).click();
  const link = await view.page.locator("input.link").inputValue();
  await view.close();
  assert.ok(link.length < 120, link);
  const other = await open(browser, { lang: "ko", hash: link.slice(link.indexOf("#")) });
  await other.page.locator(".sim .seek button:disabled").waitFor();
  assert.equal(await stateHash(other.page), hash);
  await go(other.page, "#/sim/at/AAAAgarbage");
  await other.page.locator(".toast[data-tone=bad]").getByText("링크를 열 수 없음").waitFor();
  assert.equal(await stateHash(other.page), hash);
  await other.close();
});

test("what is saved replays to the same hash, and a broken file is a message", async (context) => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  const hash = await endOf(page, "busy-sql");
  const text = await saved(page, page.getByRole("button", { name: "Save as file" }));
  const path = join(folder, "saved.json");
  writeFileSync(path, text);
  const program = process.env.VHAULT_BIN;
  if (program && existsSync(program)) {
    const told = JSON.parse(execFileSync(program, ["sim", "replay", "--json", path], { encoding: "utf8" }));
    assert.equal(told.state_hash, hash);
  } else {
    context.diagnostic("NOT TESTED: VHAULT_BIN is not set");
  }
  await toEnd(page, "first-day");
  await page.locator(".share input[type=file]").setInputFiles(path);
  await page.waitForFunction((hash) => document.querySelector(".state-hash")?.textContent === hash, hash);
  const broken = { newer: text.replace('"version": 1', '"version": 99'), cut: text.slice(0, text.length / 2), empty: "" };
  for (const [name, bytes] of Object.entries(broken)) {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, bytes);
    await page.locator(".share input[type=file]").setInputFiles(path);
    const toast = page.locator(".toast[data-tone=bad]").last();
    await toast.getByText("The file cannot be opened").waitFor();
    await toast.getByRole("button", { name: "Dismiss" }).click();
    await toast.waitFor({ state: "hidden" });
    assert.equal(await stateHash(page), hash, name);
  }
  await view.close();
});

test("time passes, a failure is waited for, and the dashboard and the job say so", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await page.locator('[data-scenario="six-disks"] button').first().click();
  const clock = page.locator("output.clock");
  const first = await clock.innerText();
  await page.waitForFunction((first) => document.querySelector("output.clock").textContent !== first, first);
  await page.getByRole("button", { name: "Pause" }).click();
  await go(page, "#/sim/dashboard");
  await page.getByRole("button", { name: "Next failure" }).click();
  await page.locator('[data-tile="Failed24"] a').first().waitFor({ timeout: 30_000 });
  assert.match(await page.locator(".vault .state").innerText(), /need attention/);
  await page.getByLabel("Language").selectOption("ko");
  await page.waitForFunction(() => /조치 필요/.test(document.querySelector(".vault .state").textContent));
  await page.locator('[data-tile="Failed24"] a').first().click();
  await page.locator(".job .badge[data-tone=bad]").first().waitFor();
  assert.match(await page.locator(".cannot").innerText(), /CANCEL-0/);
  await page.locator(".job .advice a").first().click();
  await page.locator(".entry").waitFor();
  await view.close();
});

test("a running copy shows progress and rate, and is cancelled", async () => {
  const view = await open(browser, { hash: "#/sim/trouble/BKP-13" });
  const { page } = view;
  await showCopy(page);
  await page.locator(".job progress").waitFor();
  const sent = () => page.locator(".job dl.pairs").nth(1).innerText();
  assert.match(await sent(), /per second/);
  const first = await sent();
  await page.getByRole("button", { name: "Play" }).click();
  await page.waitForFunction((first) => document.querySelectorAll(".job dl.pairs")[1]?.innerText !== first, first);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await page.getByText("It cannot be cancelled").waitFor();
  await page.getByRole("button", { name: "Next event" }).click();
  await page.locator(".job .card-head .badge", { hasText: "Cancelled" }).waitFor();
  await view.close();
});

for (const [lang, theme] of [["en", "light"], ["ko", "dark"], ["en", "contrast"], ["ko", "light"], ["en", "dark"], ["ko", "contrast"]]) {
  test(`axe has nothing to say about the simulator: ${lang}, ${theme}`, async () => {
    const view = await open(browser, { lang, theme, motion: "reduce", hash: "#/sim" });
    const { page } = view;
    const all = [];
    const look = async (hash) => {
      await go(page, hash);
      await page.locator(".sim h1").waitFor();
      all.push(...(await violations(page)).map((words) => `${hash}: ${words}`));
    };
    for (const hash of ["#/sim", "#/sim/dashboard", "#/sim/items", "#/sim/points", "#/sim/jobs", "#/sim/events", "#/sim/nowhere"]) await look(hash);
    await toEnd(page, "opaque-error");
    await page.locator(".buttons .fork").click();
    for (const hash of ["#/sim/dashboard", "#/sim/items", "#/sim/points", "#/sim/jobs", "#/sim/jobs/vault/2", "#/sim/events", "#/sim/trouble"]) await look(hash);
    await look("#/sim/trouble/BKP-10");
    await page.locator(".show-me").first().click();
    await page.locator(".lesson").waitFor();
    await look("#/sim/trouble/BKP-10");
    assert.deepEqual([...new Set(all)], []);
    await view.close();
  });
}

test("nothing of the simulator is wider than the screen", async () => {
  for (const width of [360, 768, 1600]) {
    for (const lang of ["en", "ko"]) {
      const view = await open(browser, { width, lang, hash: "#/sim" });
      await toEnd(view.page, "first-day");
      for (const hash of ["#/sim", "#/sim/dashboard", "#/sim/items", "#/sim/points", "#/sim/jobs", "#/sim/jobs/vault/1", "#/sim/events", "#/sim/trouble", "#/sim/trouble/BKP-10"]) {
        await go(view.page, hash);
        await view.page.locator(".sim h1").waitFor();
        const over = await overWide(view.page);
        assert.ok(over <= 0, `${hash} at ${width}, ${lang}: ${over} pixels too wide`);
      }
      await view.close();
    }
  }
});

test("where storage and workers are denied, the simulator still ends where the program does", async () => {
  const view = await open(browser, {
    hash: "#/sim",
    before: () => {
      const denied = { get() { throw new DOMException("denied", "SecurityError"); } };
      Object.defineProperty(globalThis, "localStorage", denied);
      Object.defineProperty(globalThis, "caches", denied);
      delete globalThis.Worker;
    },
  });
  const { page } = view;
  assert.equal(await endOf(page, "six-disks"), goldenState("six-disks"));
  await page.getByLabel("Language").selectOption("ko");
  await go(page, "#/sim/jobs");
  await page.locator("table.jobs tbody tr").first().waitFor();
  await view.close();
});

test("a tab that sleeps for an hour misses nothing, and a clock that jumps moves nothing", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await page.clock.install();
  await endOf(page, "retention");
  await seek(page, 0);
  const clock = () => page.locator("output.clock").innerText();
  const elapsed = async () => Date.parse(`${(await clock()).replace(" ", "T").replace(/ .*$/, "")}Z`);
  const first = await elapsed();
  assert.ok(Number.isFinite(first), await clock());
  // An hour of a second each: asleep for an hour, 3,600 hours would be gone.
  await page.locator(".time select").selectOption("3");
  await page.getByRole("button", { name: "Play" }).click();
  await page.clock.fastForward("01:00:00");
  const jumped = new Date(Date.now() - 20 * 365 * 86_400_000);
  await page.clock.setSystemTime(jumped);
  await page.clock.runFor(2_000);
  await page.getByRole("button", { name: "Pause" }).click();
  const passed = (await elapsed()) - first;
  assert.ok(passed > 0 && passed < 100 * 3_600_000, `${passed / 3_600_000} hours`);
  assert.equal(await endOf(page, "retention"), goldenState("retention"));
  await view.close();
});

test("a program that does not arrive is said, and nothing is blank", async () => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  await context.route("**/*.wasm", (route) => route.abort());
  await page.goto(`${PAGE}#/sim`);
  await page.getByText("A part of the page did not arrive. Reload to try again.").waitFor();
  await context.unroute("**/*.wasm");
  await page.reload();
  await page.locator("[data-scenario]").first().waitFor();
  await context.close();
});

test("of two cancels of one job one is taken, and one that comes too late says why", async () => {
  const view = await open(browser, { hash: "#/sim/trouble/BKP-13" });
  const { page } = view;
  await showCopy(page);
  // Two hands at once, before the page has drawn what the first one did.
  await page.getByRole("button", { name: "Cancel the job" }).evaluate((button) => { button.click(); button.click(); });
  await page.getByText("It cannot be cancelled").waitFor();
  await page.getByRole("button", { name: "Next event" }).click();
  await page.locator(".job .card-head .badge", { hasText: "Cancelled" }).waitFor();
  const hash = page.url().split("#")[1];
  await go(page, "#/sim/audit");
  const asked = page.locator("table.audit tbody tr", { hasText: /[Cc]ancel/ });
  await asked.first().waitFor();
  const words = await asked.allInnerTexts();
  assert.deepEqual(words.map((text) => /CANCEL-03/.test(text) ? "refused" : /carried out/.exec(text)?.[0]).sort(), ["carried out", "refused"], words.join("\n"));
  // Too late: the button rests, with the reason beside it.
  await go(page, `#${hash}`);
  assert.match(await page.locator(".cannot").innerText(), /CANCEL-0/);
  assert.equal(await page.getByRole("button", { name: "Cancel the job" }).count() === 0
    || await page.getByRole("button", { name: "Cancel the job" }).isDisabled(), true);
  await view.close();
});

test("a link far down a view leads to the title of the next one", async () => {
  const view = await open(browser, { width: 390, hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "crowd");
  await page.locator('[data-scenario="crowd"] .advice a').last().click();
  await page.locator("h1 code").waitFor();
  await page.waitForFunction(() => {
    const frame = document.querySelector("main .sim h1").getBoundingClientRect();
    return frame.top >= 0 && frame.bottom <= globalThis.innerHeight;
  });
  await view.close();
});

test("the simulator works with keys alone", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  const card = page.locator('[data-scenario="first-day"] button').nth(1);
  await card.focus();
  await page.keyboard.press("Enter");
  await page.locator(".sim .seek button:disabled").waitFor();
  await page.locator('.views a[href="#/sim/jobs"]').focus();
  await page.keyboard.press("Enter");
  await page.locator("table.jobs tbody tr").first().waitFor();
  await page.locator(".sim .seek input").focus();
  const clock = await page.locator("output.clock").innerText();
  await page.keyboard.press("Home");
  await page.waitForFunction((clock) => document.querySelector("output.clock").textContent !== clock, clock);
  await page.getByText("No job is like that.").waitFor();
  await view.close();
});
